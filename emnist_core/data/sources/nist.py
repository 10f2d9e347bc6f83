"""NIST's own archive of all six splits, the place where EMNIST comes from."""

from emnist_core.data.progress import Meter
from emnist_core.data.sources.url import UrlZip


class Nist(UrlZip):
    """``gzip.zip`` on NIST's server, 561,753,746 bytes; its md5 is 58c8d27c78d21e728a6bc7b3cc06412e."""

    title = "NIST"
    official = True
    sha256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"

    def __init__(self, meter: Meter) -> None:
        super().__init__(self.url, meter)
