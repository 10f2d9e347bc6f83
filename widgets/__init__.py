"""Streamlit-side code that pages share."""
