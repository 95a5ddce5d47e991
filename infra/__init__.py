"""BUILD: Pulumi components and stacks, the Terraform module, drills. Empty until its first command."""
