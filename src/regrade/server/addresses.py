"""Parts of addresses that may hold anything: ids and names as users write them, slashes and line breaks included."""

from starlette.convertors import Convertor, register_url_convertor


class Anything(Convertor[str]):
    """The rest of a path, whatever it is."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        """Give it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give it as it is."""
        return value


register_url_convertor("anything", Anything())
