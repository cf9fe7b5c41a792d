"""An example academy, to try the product with."""
