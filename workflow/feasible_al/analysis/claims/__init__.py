"""The claims of the config, judged by a run: a kind is a hypothesis in numbers, the ledger the verdicts."""
