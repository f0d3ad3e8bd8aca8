"""The neural networks the app itself runs: text embedder (ONNX) and writer (llama.cpp); what exports them."""
