"""Pulumi components: the same resources as the Terraform modules, under the same names."""
