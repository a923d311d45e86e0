"""What all pages share: the document, its policy, scripts, typeset formulas."""
