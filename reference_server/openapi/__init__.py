"""The description of the surfaces as an OpenAPI document."""
