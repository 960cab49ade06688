"""The embedded model that proposes tours: its data, tokenizer, training and evaluation."""
