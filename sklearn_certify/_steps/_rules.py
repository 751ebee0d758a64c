"""What is known about the transformers of scikit-learn and of this package."""

from numbers import Integral

from sklearn import (
    cluster,
    cross_decomposition,
    decomposition,
    discriminant_analysis,
    ensemble,
    feature_extraction,
    feature_selection,
    impute,
    kernel_approximation,
    manifold,
    neighbors,
    neural_network,
    preprocessing,
    random_projection,
)
from sklearn.feature_extraction import text

from .. import image
from .._compat import IterativeImputer, pca_solver
from ..augmentation import AugmentedCopies
from ..augmentation._make import is_known_augmentation
from ..kernel_approximation import RandomFourierFeatures
from ._registry import Rule, register

_PRODUCT = "multiplies matrices, and a row's last digits change with the rows around it"
_BATCH = "computes until all rows of a batch have converged"
_ALL_CATEGORIES = "Give it all categories, without min_frequency and max_categories"


def _has_no_seed(step, n_rows=None):
    return not isinstance(step.random_state, Integral)


def _draws_unless(name, deterministic):
    """Make a rule: a fit draws unless a parameter has this value, or there is a seed."""
    return lambda step, n_rows: getattr(step, name) != deterministic and _has_no_seed(step)


def _pca_draws(step, n_rows):
    return pca_solver(step) in ("randomized", "arpack") and _has_no_seed(step)


def _isomap_draws(step, n_rows):
    few = n_rows is not None and n_rows <= 200  # up to which "auto" stands for "dense"
    return step.eigen_solver != "dense" and not (few and step.eigen_solver == "auto")


def _subsample_draws(step, n_rows):
    draws = step.subsample is not None and (n_rows is None or n_rows > step.subsample)
    return draws and _has_no_seed(step)


def _iterative_imputer_draws(step, n_rows):
    may_draw = (
        step.sample_posterior
        or step.imputation_order == "random"
        or step.n_nearest_features is not None
        or step.estimator is not None
    )
    return may_draw and _has_no_seed(step)


def _nothing_if(is_given):
    """Make a rule: a fit learns nothing where the user has given what it would have learned."""
    return lambda step: "nothing" if is_given(step) else "features"


def _categories_are_given(step):
    return (
        not isinstance(step.categories, str)
        and step.min_frequency is None
        and step.max_categories is None
    )


def _fills_with_a_constant(step):
    return step.strategy == "constant" and step.keep_empty_features and not step.add_indicator


def _has_a_vocabulary(step):
    return step.vocabulary is not None and not getattr(step, "use_idf", False)


def _reads_texts_its_own_way(step):
    """Whether nothing that a user wrote looks at the texts."""
    written = (step.preprocessor, step.tokenizer, step.analyzer)
    return True if step.input == "content" and not any(map(callable, written)) else None


def _one_hot_nonzeros(step):
    n_columns = step.n_features_in_
    always_one = step.handle_unknown == "error" and step.drop is None
    return (n_columns if always_one else 0), n_columns


def _register(step_types, **known):
    for step_type in step_types:
        register(step_type, Rule(**known))


# Each row alone, by arithmetic cell by cell, by comparisons or by choosing columns.
_register([preprocessing.Binarizer, feature_extraction.FeatureHasher], learns="nothing", alone=True)
_register([preprocessing.PolynomialFeatures], learns="nothing", alone=True)
_register(
    [preprocessing.Normalizer],
    learns="nothing",
    alone=True,
    digits_follow_memory=lambda step: step.norm != "max",  # the others are sums
)
# Compiled for one row or image at a time.
_register(
    [
        image.ColorGrid,
        image.ColorHistogram,
        image.ContrastNormalizer,
        image.Deskew,
        image.FlatPixels,
        image.GrayImages,
        image.HistogramEqualizer,
        image.HOG,
        image.ResizedCrop,
        RandomFourierFeatures,
    ],
    learns="nothing",
    alone=True,
    row_by_row=True,
)
_register(
    [AugmentedCopies],
    learns=lambda step: "features" if step.__sklearn_tags__().requires_fit else "nothing",
    row_by_row=lambda step: is_known_augmentation(step.augmentation),
    inside=lambda step: [step.transformer],
)
_register([text.HashingVectorizer], learns="nothing", alone=_reads_texts_its_own_way)
_register(
    [text.CountVectorizer, text.TfidfVectorizer],
    learns=_nothing_if(_has_a_vocabulary),
    alone=_reads_texts_its_own_way,
    mend="Give it a vocabulary, without use_idf",
)
_register(
    [text.TfidfTransformer],
    learns=_nothing_if(lambda step: not step.use_idf),
    alone=True,
    mend="Set use_idf=False",
)
_register(
    [preprocessing.OneHotEncoder],
    learns=_nothing_if(_categories_are_given),
    alone=True,
    mend=_ALL_CATEGORIES,
    nonzeros=_one_hot_nonzeros,
)
_register(
    [preprocessing.OrdinalEncoder],
    learns=_nothing_if(_categories_are_given),
    alone=True,
    mend=_ALL_CATEGORIES,
)
_register(
    [impute.SimpleImputer],
    learns=_nothing_if(_fills_with_a_constant),
    alone=True,
    mend="Use strategy='constant' and keep_empty_features=True, without add_indicator",
)
_register(
    [impute.MissingIndicator],
    learns=_nothing_if(lambda step: step.features == "all"),
    alone=True,
    mend="Set features='all'",
)
_register(
    [
        feature_extraction.DictVectorizer,
        feature_selection.VarianceThreshold,
        preprocessing.MaxAbsScaler,
        preprocessing.MinMaxScaler,
        preprocessing.RobustScaler,
        preprocessing.StandardScaler,
    ],
    alone=True,
)
_register(
    [preprocessing.KBinsDiscretizer],
    alone=True,
    draws=_subsample_draws,
    nonzeros=lambda step: (step.n_features_in_, step.n_features_in_),
)
_register(
    [ensemble.RandomTreesEmbedding],
    alone=True,
    draws=_has_no_seed,
    nonzeros=lambda step: (step.n_estimators, step.n_estimators),
)
_register(
    [
        feature_selection.GenericUnivariateSelect,
        feature_selection.RFE,
        feature_selection.RFECV,
        feature_selection.SelectFdr,
        feature_selection.SelectFpr,
        feature_selection.SelectFromModel,
        feature_selection.SelectFwe,
        feature_selection.SelectKBest,
        feature_selection.SelectPercentile,
        feature_selection.SequentialFeatureSelector,
        preprocessing.TargetEncoder,
    ],
    learns="labels",
    alone=True,
)

# By functions whose last digits are a matter of the machine, or of the user: these are tried.
_register(
    [preprocessing.FunctionTransformer],
    learns="nothing",
    alone=lambda step: True if step.func is None else None,
)
_register([kernel_approximation.AdditiveChi2Sampler], learns="nothing")
_register([kernel_approximation.PolynomialCountSketch], learns="nothing", draws=_has_no_seed)
_register(
    [preprocessing.SplineTransformer],
    learns=_nothing_if(lambda step: not isinstance(step.knots, str)),
)
_register([preprocessing.QuantileTransformer], draws=_subsample_draws)
_register(
    [
        cluster.FeatureAgglomeration,
        preprocessing.KernelCenterer,
        preprocessing.PowerTransformer,
    ]
)

# By matrix products, or until a whole batch has converged.
_register(
    [
        cluster.Birch,
        decomposition.IncrementalPCA,
        impute.KNNImputer,
        neighbors.KNeighborsTransformer,
        neighbors.RadiusNeighborsTransformer,
    ],
    alone=False,
    why=_PRODUCT,
)
_register([decomposition.SparseCoder], learns="nothing", alone=False, why=_PRODUCT)
_register(
    [
        cluster.BisectingKMeans,
        cluster.KMeans,
        cluster.MiniBatchKMeans,
        decomposition.DictionaryLearning,
        decomposition.FastICA,
        decomposition.MiniBatchDictionaryLearning,
        decomposition.MiniBatchSparsePCA,
        decomposition.SparsePCA,
        decomposition.TruncatedSVD,
        kernel_approximation.Nystroem,
        neural_network.BernoulliRBM,
    ],
    alone=False,
    draws=_has_no_seed,
    why=_PRODUCT,
)
_register(
    [decomposition.LatentDirichletAllocation, decomposition.MiniBatchNMF, decomposition.NMF],
    alone=False,
    draws=_has_no_seed,
    why=_BATCH,
)
_register([decomposition.PCA], alone=False, draws=_pca_draws, why=_PRODUCT)
_register(
    [decomposition.FactorAnalysis],
    alone=False,
    draws=_draws_unless("svd_method", "lapack"),
    why=_PRODUCT,
)
_register(
    [decomposition.KernelPCA, manifold.LocallyLinearEmbedding],
    alone=False,
    draws=_draws_unless("eigen_solver", "dense"),
    why=_PRODUCT,
)
_register(
    [manifold.Isomap],
    alone=False,
    draws=_isomap_draws,
    why=_PRODUCT,
    how_to_seed="Set eigen_solver='dense', since it takes no random_state.",
)
_register([IterativeImputer], alone=False, draws=_iterative_imputer_draws, why=_PRODUCT)
_register(
    [kernel_approximation.RBFSampler],
    learns=_nothing_if(lambda step: step.gamma != "scale"),
    alone=False,
    draws=_has_no_seed,
    why=_PRODUCT,
)
_register(
    [kernel_approximation.SkewedChi2Sampler],
    learns="nothing",
    alone=False,
    draws=_has_no_seed,
    why=_PRODUCT,
)
_register(
    [random_projection.GaussianRandomProjection, random_projection.SparseRandomProjection],
    learns=_nothing_if(lambda step: step.n_components != "auto"),
    alone=False,
    draws=_has_no_seed,
    why=_PRODUCT,
)
_register(
    [
        cross_decomposition.CCA,
        cross_decomposition.PLSCanonical,
        cross_decomposition.PLSRegression,
        cross_decomposition.PLSSVD,
        discriminant_analysis.LinearDiscriminantAnalysis,
        neighbors.NeighborhoodComponentsAnalysis,
    ],
    learns="labels",
    alone=False,
    why=_PRODUCT,
)
