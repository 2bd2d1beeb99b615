"""The CRF against every sequence there is, and the tagger around it."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from feasible_al.engine.tokens import Batch
from feasible_al.models.cnn_bilstm_crf import BidirectionalLstm, CharacterCnn, SequenceDropout, Sizes
from feasible_al.models.crf import LinearChainCrf
from feasible_al.strategies import PoolView, scores_of
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torchcrf import CRF

TAGS = 4


def layer() -> LinearChainCrf:
    torch.manual_seed(1)
    made = LinearChainCrf(TAGS)
    for parameter in made.parameters():
        nn.init.normal_(parameter)
    return made


def batch_of(lengths: list[int], tags: torch.Tensor | None = None) -> Batch:
    rows = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    positions = torch.cat([torch.arange(length) for length in lengths])
    ids = np.ones((len(lengths), max(lengths)), dtype=np.int64)
    return Batch(torch.from_numpy(ids), ids, None, rows, positions, tags)


def scores_by_hand(made: LinearChainCrf, emissions: np.ndarray) -> dict[tuple[int, ...], float]:
    """The unnormalised log-score of every tag sequence of one sentence, in double precision."""
    start, end, move = (
        parameter.detach().double().numpy() for parameter in (made.start, made.end, made.transitions)
    )
    return {
        path: start[path[0]]
        + end[path[-1]]
        + sum(emissions[i, tag] for i, tag in enumerate(path))
        + sum(move[a, b] for a, b in pairwise(path))
        for path in product(range(TAGS), repeat=len(emissions))
    }


@pytest.mark.parametrize("length", range(1, 7))
def test_likelihood_marginals_and_best_sequence_equal_brute_force(length):
    made = layer()
    torch.manual_seed(length)
    emissions = 2 * torch.randn(length, TAGS)
    scores = scores_by_hand(made, emissions.double().numpy())
    paths = np.array(list(scores))
    log_p = np.array(list(scores.values())) - np.logaddexp.reduce(list(scores.values()))
    # The likelihood of every single sequence, all in one batch.
    everything = torch.from_numpy(paths)
    batch = batch_of([length] * len(paths), everything.flatten())
    loss = made.loss(emissions.repeat(len(paths), 1), batch).reshape(len(paths), length)
    assert loss.sum(dim=1).detach().numpy() == pytest.approx(-log_p, abs=1e-4)
    # One sentence: the best sequence and the marginals.
    with torch.inference_mode():
        found = made.predictions(emissions, batch_of([length]))
    best = log_p.argmax()
    assert found.labels.tolist() == paths[best].tolist()
    assert float(found.label_log_proba.sum()) == pytest.approx(log_p[best], abs=1e-4)
    marginals = np.array(
        [[np.exp(log_p)[paths[:, i] == tag].sum() for tag in range(TAGS)] for i in range(length)]
    )
    assert found.log_proba.exp().numpy() == pytest.approx(marginals, abs=1e-5)
    view = PoolView(np.array([7]), np.array([length]), np.array([0, length]),
                    found.log_proba.numpy(), found.label_log_proba.numpy())  # fmt: skip
    mnlp = scores_of("mnlp", view, np.random.default_rng(0))
    assert mnlp == pytest.approx([-log_p[best] / length], abs=1e-5)


def test_padding_and_neighbours_change_nothing():
    made = layer()
    lengths = [3, 6, 1, 5]
    emissions = torch.randn(sum(lengths), TAGS)
    together = made.predictions(emissions, batch_of(lengths))
    tags = torch.randint(TAGS, (sum(lengths),))
    losses = made.loss(emissions, batch_of(lengths, tags))
    start = 0
    for length in lengths:
        part = slice(start, start + length)
        alone = made.predictions(emissions[part], batch_of([length]))
        assert together.labels[part].tolist() == alone.labels.tolist()
        assert together.log_proba[part].numpy() == pytest.approx(alone.log_proba.numpy(), abs=1e-4)
        loss = made.loss(emissions[part], batch_of([length], tags[part]))
        assert losses[part].tolist() == pytest.approx(loss.tolist(), abs=1e-5)
        start += length


def test_losses_gradients_and_best_sequences_equal_another_implementation():
    made, theirs = layer(), CRF(TAGS, batch_first=True)
    pairs = {"start": "start_transitions", "end": "end_transitions", "transitions": "transitions"}
    for ours, name in pairs.items():
        getattr(theirs, name).data.copy_(getattr(made, ours))
    lengths = [7, 2, 1, 11, 4]
    inside = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    tags = torch.randint(TAGS, (sum(lengths),))
    emissions = torch.randn(sum(lengths), TAGS, requires_grad=True)
    padded, tags_padded = torch.zeros(*inside.shape, TAGS), torch.zeros(inside.shape, dtype=torch.int64)
    padded[inside], tags_padded[inside] = emissions, tags
    expected = -theirs(padded, tags_padded, inside, reduction="sum")
    found = made.loss(emissions, batch_of(lengths, tags)).sum()
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    gradients = torch.autograd.grad(found, [emissions, *(getattr(made, name) for name in pairs)])
    others = torch.autograd.grad(expected, [emissions, *(getattr(theirs, name) for name in pairs.values())])
    for ours, other in zip(gradients, others, strict=True):
        assert torch.allclose(ours, other, atol=1e-5)
    best = made.predictions(emissions.detach(), batch_of(lengths)).labels
    assert best.tolist() == [tag for path in theirs.decode(padded.detach(), inside) for tag in path]


def test_marginals_that_are_nearly_certain_stay_finite_and_sum_to_one():
    made = layer()
    emissions = 200 * torch.randn(9, TAGS)
    found = made.predictions(emissions, batch_of([9])).log_proba
    assert found.isfinite().all()
    assert found.exp().sum(dim=1).tolist() == pytest.approx([1.0] * 9, abs=1e-5)


def test_two_lstms_over_padding_equal_one_over_packed_sequences():
    torch.manual_seed(3)
    ours, theirs = BidirectionalLstm(5, 4), nn.LSTM(5, 4, batch_first=True, bidirectional=True)
    for name, parameter in ours.forwards.named_parameters():
        getattr(theirs, name).data.copy_(parameter)
    for name, parameter in ours.backwards.named_parameters():
        getattr(theirs, f"{name}_reverse").data.copy_(parameter)
    inputs, lengths = torch.randn(4, 7, 5), torch.tensor([7, 1, 4, 6])
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    found = ours(inputs, lengths)
    for row, length in enumerate(lengths):
        assert found[row, :length].tolist() == [
            pytest.approx(values, abs=1e-5) for values in expected[row, :length].tolist()
        ]


def test_characters_equal_a_convolution_over_each_word_alone():
    torch.manual_seed(4)
    sizes = Sizes(5, 3, (2, 3), hidden_size=1, feed_forward_size=1, dropout=0.0)
    characters = torch.tensor([[1, 0, 0, 0], [2, 3, 4, 5], [2, 0, 0, 0], [5, 5, 0, 0]])
    cnn = CharacterCnn(sizes, characters, 6)
    found = cnn(np.array([[1, 2, 3], [3, 1, 0]]))
    for row, types in enumerate([[1, 2, 3], [3, 1]]):
        for place, word in enumerate(types):
            letters = characters[word][characters[word] > 0]
            embedded = cnn.embedding(letters).T
            expected = []
            for convolution in cnn.convolutions:
                width = convolution.width
                padded = nn.functional.pad(embedded, ((width - 1) // 2, width // 2))
                kernel = convolution.linear.weight.reshape(3, 5, width)
                features = nn.functional.conv1d(padded[None], kernel, convolution.linear.bias)
                expected += nn.functional.mish(features)[0].amax(dim=1).tolist()
            assert found[row, place].tolist() == pytest.approx(expected, abs=1e-5)


def test_dropout_takes_a_feature_from_a_whole_sequence():
    torch.manual_seed(5)
    dropped = SequenceDropout(0.5)(torch.ones(3, 9, 50))
    assert (dropped == dropped[:, :1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped[0, 0] != dropped[1, 0]).any()
