"""The embedded model that proposes pairs (w, b): its data, tokenizer, training and evaluation."""
