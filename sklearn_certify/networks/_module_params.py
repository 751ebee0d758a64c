"""Parameters of a module, searched and set like those of an estimator."""

__all__ = ["ModuleParamsMixin"]

_PREFIX = "module__"


class ModuleParamsMixin:
    """Mixin of estimators with a parameter `module_params`, a dict or None."""

    def get_params(self, deep=True):
        """Return the parameters, with `deep` those of the module too, as ``module__name``.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return each of `module_params` as well.

        Returns
        -------
        dict
        """
        params = super().get_params(deep=deep)
        if deep and isinstance(self.module_params, dict):
            params.update({_PREFIX + name: value for name, value in self.module_params.items()})
        return params

    def set_params(self, **params):
        """Set parameters, those of the module as ``module__name``.

        Parameters
        ----------
        **params : dict
            Parameters.

        Returns
        -------
        self : object
        """
        own = {name: value for name, value in params.items() if not name.startswith(_PREFIX)}
        super().set_params(**own)
        of_module = {
            name.removeprefix(_PREFIX): value
            for name, value in params.items()
            if name.startswith(_PREFIX)
        }
        if of_module:
            self.module_params = {**(self.module_params or {}), **of_module}
        return self
