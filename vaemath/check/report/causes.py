"""The closed list of what can be wrong, each with the sentence that explains it."""

from __future__ import annotations

__all__ = ["CATALOGUE", "sentence"]

#: code -> what it means. `{...}` is filled in where the cause is found.
CATALOGUE: dict[str, str] = {
    "sign": "the whole expression has the wrong sign",
    "sign-of-term": "the sign of a term is wrong",
    "factor": "the whole expression is multiplied by a wrong factor",
    "factor-of-term": "a term is multiplied by a wrong factor",
    "constant": "a constant is wrong: it is not a KL, ELBOs cannot be compared; gradients are unaffected",
    "missing-term": "a term is missing",
    "wrong-term": "there is a term that does not belong, or a term is replaced by another",
    "reversed-direction": "the two distributions are the wrong way round: it is KL(q || p), not KL(p || q)",
    "mean-over-latent": "the latent dimensions are averaged, not summed",
    "divided-by-data-dimension": "a term is divided by the number of data dimensions",
    "wrong-shape": "the shape is not that of a KL, or broadcasting counts samples more than once",
    "clamped-parameter": "a parameter is clamped to a range, outside of which the value is wrong",
    "clamped-value": "the result is clamped (free bits): below the bound it is not the KL",
    "gradient": "the value is right, but its gradient is not",
    "not-finite": "it gives NaN or infinity where the KL is an ordinary number",
    "noise-scale": "the noise is multiplied by something else than the standard deviation",
    "wrong-location": "the samples are not centred at the mean",
    "not-standard-normal": "the noise is not standard normal",
    "shared-noise": "one draw of the noise is used for several samples, dimensions or calls",
    "not-equal-in-expectation": "the mean over its random draws is not the KL divergence",
    "logvar-as-logstd": "the log-variance is used as the logarithm of the standard deviation",
    "logvar-as-std": "the log-variance is used as the standard deviation",
    "logvar-as-variance": "the log-variance is used as the variance",
    "logvar-as-precision": "the log-variance is used as the precision",
    "logvar-as-softplus": "the log-variance is put through softplus",
    "variance-as-std": "the variance is used as the standard deviation",
    "variance-as-logvar": "the variance is used as its logarithm",
    "variance-as-logstd": "the variance is used as the logarithm of the standard deviation",
    "variance-as-precision": "the variance is used as the precision",
    "variance-as-softplus": "the variance is put through softplus",
    "std-as-variance": "the standard deviation is used as the variance",
    "std-as-logvar": "the standard deviation is used as the log-variance",
    "std-as-logstd": "the standard deviation is used as its logarithm",
    "std-as-precision": "the standard deviation is used as the precision",
    "std-as-softplus": "the standard deviation is put through softplus",
    "logstd-as-logvar": "the logarithm of the standard deviation is used as the log-variance",
    "logstd-as-std": "the logarithm of the standard deviation is used as the standard deviation",
    "logstd-as-variance": "the logarithm of the standard deviation is used as the variance",
    "logstd-as-precision": "the logarithm of the standard deviation is used as the precision",
    "logstd-as-softplus": "the logarithm of the standard deviation is put through softplus",
    "precision-as-std": "the precision is used as the standard deviation",
    "precision-as-variance": "the precision is used as the variance",
    "precision-as-logvar": "the precision is used as the log-variance",
    "precision-as-logstd": "the precision is used as the logarithm of the standard deviation",
    "precision-as-softplus": "the precision is put through softplus",
    "softplus-as-std": "the argument of softplus is used as the standard deviation",
    "softplus-as-variance": "the argument of softplus is used as the variance",
    "softplus-as-logvar": "the argument of softplus is used as the log-variance",
    "softplus-as-logstd": "the argument of softplus is used as the logarithm of the standard deviation",
    "softplus-as-precision": "the argument of softplus is used as the precision",
    "cholesky-as-covariance": "the Cholesky factor is used as the covariance",
    "cholesky-as-precision": "the Cholesky factor is used as the precision matrix",
    "covariance-as-cholesky": "the covariance is used as its Cholesky factor",
    "covariance-as-precision": "the covariance is used as the precision matrix",
    "precision-as-cholesky": "the precision matrix is used as a Cholesky factor",
    "precision-as-covariance": "the precision matrix is used as the covariance",
}


def sentence(code: str) -> str:
    """What a code means. Raises `KeyError` for a code that is not in the list."""
    return CATALOGUE[code]
