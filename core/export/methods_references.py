"""Works that methods paragraphs cite."""

from __future__ import annotations

# Name and year as the text cites them, and the work.
REFERENCES = {
    "Abadi et al. 2016": (
        "Abadi M, Barham P, Chen J, et al. (2016) TensorFlow: a system for large-scale machine learning. 12th "
        "USENIX Symposium on Operating Systems Design and Implementation, 265-283."
    ),
    "Bouckaert and Frank 2004": (
        "Bouckaert RR, Frank E (2004) Evaluating the replicability of significance tests for comparing "
        "learning algorithms. Advances in Knowledge Discovery and Data Mining, LNCS 3056, 3-12."
    ),
    "Breiman et al. 1984": (
        "Breiman L, Friedman JH, Olshen RA, Stone CJ (1984) Classification and regression trees. Wadsworth."
    ),
    "Chollet et al. 2015": "Chollet F, et al. (2015) Keras. https://keras.io",
    "Glorot and Bengio 2010": (
        "Glorot X, Bengio Y (2010) Understanding the difficulty of training deep feedforward neural networks. "
        "Proceedings of AISTATS 9, 249-256."
    ),
    "Harris et al. 2020": (
        "Harris CR, Millman KJ, van der Walt SJ, et al. (2020) Array programming with NumPy. Nature 585, 357-362."
    ),
    "He et al. 2016": "He K, Zhang X, Ren S, Sun J (2016) Deep residual learning for image recognition. CVPR, 770-778.",
    "Hesterberg 2015": (
        "Hesterberg TC (2015) What teachers should know about the bootstrap. The American Statistician 69, 371-386."
    ),
    "Ioffe and Szegedy 2015": (
        "Ioffe S, Szegedy C (2015) Batch normalization: accelerating deep network training by reducing "
        "internal covariate shift. ICML, 448-456."
    ),
    "Kingma and Ba 2015": "Kingma DP, Ba J (2015) Adam: a method for stochastic optimization. ICLR.",
    "Korn and Graubard 1998": (
        "Korn EL, Graubard BI (1998) Confidence intervals for proportions with small expected number of "
        "positive counts estimated from survey data. Survey Methodology 24, 193-201."
    ),
    "Nadeau and Bengio 2003": (
        "Nadeau C, Bengio Y (2003) Inference for the generalization error. Machine Learning 52, 239-281."
    ),
    "Pedregosa et al. 2011": (
        "Pedregosa F, Varoquaux G, Gramfort A, et al. (2011) Scikit-learn: machine learning in Python. "
        "Journal of Machine Learning Research 12, 2825-2830."
    ),
    "Sandler et al. 2018": (
        "Sandler M, Howard A, Zhu M, Zhmoginov A, Chen L-C (2018) MobileNetV2: inverted residuals and linear "
        "bottlenecks. CVPR, 4510-4520."
    ),
    "Srivastava et al. 2014": (
        "Srivastava N, Hinton G, Krizhevsky A, Sutskever I, Salakhutdinov R (2014) Dropout: a simple way to "
        "prevent neural networks from overfitting. Journal of Machine Learning Research 15, 1929-1958."
    ),
    "Tan and Le 2019": (
        "Tan M, Le QV (2019) EfficientNet: rethinking model scaling for convolutional neural networks. ICML, 6105-6114."
    ),
    "Tan and Le 2021": "Tan M, Le QV (2021) EfficientNetV2: smaller models and faster training. ICML, 10096-10106.",
    "Tieleman and Hinton 2012": (
        "Tieleman T, Hinton G (2012) Lecture 6.5, RMSprop: divide the gradient by a running average of its "
        "recent magnitude. Coursera: Neural Networks for Machine Learning."
    ),
    "Tsamardinos et al. 2018": (
        "Tsamardinos I, Greasidou E, Borboudakis G (2018) Bootstrapping the out-of-sample predictions for "
        "efficient and accurate cross-validation. Machine Learning 107, 1895-1922."
    ),
    "Wilson 1927": (
        "Wilson EB (1927) Probable inference, the law of succession, and statistical inference. Journal of "
        "the American Statistical Association 22, 209-212."
    ),
}
