"""The claims of a config: each kind turns a claim into a hypothesis, and the ledger holds the verdicts."""
