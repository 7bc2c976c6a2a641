"""Where to go next: topics that build on the course, and the words to look them up by."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.parts.course import LESSONS
from pages.parts.terms import help_with_terms

IN_A_ROW = 3


class Topic(NamedTuple):
    """A field to learn about next.

    Attributes:
        title: Its name.
        about: What it answers, in two or three sentences.
        words: Terms to look it up by.
        builds_on: Key of the lesson that it starts from.
    """

    title: str
    about: str
    words: str
    builds_on: str


TOPICS = (
    Topic(
        "Detection and segmentation",
        "What is where on a picture? Convolutions find shapes as before. New outputs give boxes, or a class for each "
        "pixel.",
        "YOLO, Faster R-CNN, Mask R-CNN, U-Net, mean average precision",
        "convolution",
    ),
    Topic(
        "Language models",
        "They guess the next piece of a text, again and again. Each word looks at all words before it (attention). "
        "Softmax and temperature choose the next one, as on our page on softmax.",
        "token, embedding, attention, transformer, fine-tuning, hallucination",
        "pooling",
    ),
    Topic(
        "Generative models",
        "They make new pictures, sounds or texts that look like those they learned from. Diffusion models learn to "
        "take noise away, step by step.",
        "diffusion, generative adversarial network (GAN), variational autoencoder",
        "descent",
    ),
    Topic(
        "Sound, time and signals",
        "Speech, heartbeats and prices come one after another. A convolution can slide along time as it slides over "
        "a picture.",
        "1-D convolution, recurrent network, LSTM, spectrogram, forecasting",
        "convolution",
    ),
    Topic(
        "Why did it say so?",
        "Which pixels or columns counted for an answer? Muffin shows some of this on Results. No method tells all, "
        "so compare several (interpretability).",
        "Grad-CAM, SHAP, integrated gradients, permutation importance",
        "layers",
    ),
    Topic(
        "Ethics and bias",
        "A network learns the habits of its data, unfair ones too. It is often worse for groups that were rare. Ask "
        "who is harmed by a wrong answer, who agreed to be in the data, and who decides in the end.",
        "fairness, representation, consent, privacy, model card, accountability",
        "overfitting",
    ),
    Topic(
        "How sure is it?",
        "Is it right in 90 of 100 cases where it says 90 %? And what does it say to a picture of something it never "
        "saw?",
        "calibration, conformal prediction, out-of-distribution detection",
        "pooling",
    ),
    Topic(
        "Learning without labels",
        "Labels cost time. Large networks first learn from the data alone, for example by filling gaps. Then a few "
        "labels are enough, as in transfer learning.",
        "self-supervised learning, contrastive learning, clustering, foundation model",
        "transfer",
    ),
    Topic(
        "Learning by reward",
        "No right answers are given, only a reward at the end: a game won, a robot that stands. The network tries, "
        "and does more of what paid off (reinforcement learning).",
        "agent, policy, reward, exploration, Q-learning",
        "costs",
    ),
)


def topics() -> None:
    """A card each, with a link to the lesson that it starts from."""
    for start in range(0, len(TOPICS), IN_A_ROW):
        for column, topic in zip(st.columns(IN_A_ROW), TOPICS[start : start + IN_A_ROW], strict=True):
            with column, st.container(border=True, height="stretch"):
                _card(topic)


def _card(topic: Topic) -> None:
    st.markdown(f"**{topic.title}**")
    st.markdown(topic.about)
    st.caption(f"Look for: {topic.words}. It builds on the lesson:", help=help_with_terms(topic.words))
    for lesson in LESSONS:
        if lesson.key == topic.builds_on:
            st.page_link(lesson.file, label=lesson.title, icon=f":material/{lesson.icon}:")
