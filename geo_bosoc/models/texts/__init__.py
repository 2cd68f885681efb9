"""What models and results say in words: explanations, sentences, descriptions."""
