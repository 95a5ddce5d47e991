"""Proof that the Pulumi component and the Terraform module are the same: captured, planned, applied, compared."""
