"""Networks as voters: functions of their rows and their seed, to the last bit.

_skorch_classifier  a network of skorch that a seed decides, for rows and labels as they come
_skorch_rows        rows in the form that a module takes
_skorch_errors      what went wrong with a network, in a sentence

_stacked_net     `StackedNetClassifier`, of which many copies are trained and asked at once
                 (_module_params: `module__name`; _module_factory: new modules; _settings)
_stack_training  voters pass through the places of a stack (_stack); _stack_asking, queries do
_stacked_module  many copies of one module, in one call of each of its layers
_stacked_layers  layers that give a copy the same bits at every place
_places          how many voters have the same bits together, and there is memory for
                 (_places_for_training, _places_for_asking; _short_memory)
_trainee         one voter on its way: its rows, its steps, its weights
_row_scaling     means and deviations of a voter's own rows; _input_form, images and tables
_optimizers, _schedules, _losses
                 steps of many copies, each with its own learning rate
_augmenting      batches altered anew in each step; _random_affine, images on the device
_draws           numbers that follow from a seed alone; _own_generator, for code that draws
_checkpoints     training that goes on after it was interrupted; _progress, what is told of it
_devices         where networks are trained, always with the same bits
_small_conv_net, _network_in_network, _multilayer_perceptron
                 modules
"""

from .._lazy_names import lazy_names

_HOMES = {
    "MultilayerPerceptron": "._multilayer_perceptron",
    "NetClassifier": "._skorch_classifier",
    "NetworkInNetwork": "._network_in_network",
    "RandomAffineOnDevice": "._random_affine",
    "SmallConvNet": "._small_conv_net",
    "StackedNetClassifier": "._stacked_net",
}

__all__ = list(_HOMES)
__getattr__ = lazy_names(__name__, _HOMES, needs=("torch", "skorch"), extra="torch")


def __dir__():
    return [*globals(), *__all__]
