"""The neural networks the app itself runs: text embedder (ONNX), writer (llama.cpp), and the torch code that exports."""
