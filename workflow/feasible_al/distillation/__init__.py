"""Students: small encoders made from larger ones on unlabelled text."""
