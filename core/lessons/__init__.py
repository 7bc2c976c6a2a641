"""The ideas of the course, worked out with NumPy: each module holds what one page of Learn lets people touch.

Formulas are those of Keras and are tested against it. Nothing here imports TensorFlow, streamlit or pages.
"""
