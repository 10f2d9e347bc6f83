"""The reader in a real browser: it converts ink and names images as Python does, from the very same files."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Error, Page

from emnist_core import data, paths
from emnist_core.arrays import Images, Pixels, Probabilities
from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from emnist_core.reader import scripts
from emnist_core.runs import Run
from emnist_core.serving.recognizer import Recognizer
from tests.helpers.ink_cases import CASES, scribbles
from tests.helpers.shipped import copy_of
from tests.helpers.tflite import with_another_operator

READ = """async ({file, images, temperature}) => {
    const bytes = async (content) => (await fetch(`data:;base64,${content}`)).arrayBuffer();
    const network = new Network(await bytes(file), temperature);
    const all = new Uint8Array(await bytes(images));
    const answers = [];
    for (let i = 0; i < all.length; i += 784) answers.push([...network.probabilities(all.subarray(i, i + 784))]);
    return answers;
}"""
CONVERT = """async ({content, width, height}) => {
    const data = new Uint8Array(await (await fetch(`data:;base64,${content}`)).arrayBuffer());
    const {problem, steps} = convert({width, height, data});
    const encoded = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return problem ?? steps.map((step) => ({...step, data: encoded(step.data)}));
}"""


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page with the reader's scripts."""
    page = chromium.new_page()
    page.add_script_tag(content=scripts.source())
    yield page
    page.close()


@pytest.fixture(scope="module")
def images() -> Images:
    """All test images of the bundled sample."""
    return np.asarray(data.load("balanced", "test", "sample").images)


def read(page: Page, run: Run, images: Images, temperature: float) -> Probabilities:
    """What the reader answers to images."""
    file = encoded(run.serving_file.read_bytes())
    return np.array(
        page.evaluate(READ, {"file": file, "images": encoded(images.tobytes()), "temperature": temperature})
    )


def assert_same(found: Probabilities, expected: Probabilities, difference: float = 0.002, share: float = 0.999) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= difference
    assert np.mean(found.argmax(1) == expected.argmax(1)) >= share


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("lenet5", 1880),
        ("lenet5-v2", 1880),
        ("lenet5-v2-32", 300),
        ("vanilla-cnn", 300),
        ("se-resnet", 300),
        ("resnet34", 20),
    ],
)
def test_every_shipped_model_answers_as_it_does_in_python(page: Page, images: Images, name: str, count: int) -> None:
    run = Run(paths.SHIPPED_RUNS / name)
    assert_same(read(page, run, images[:count], run.temperature()), Recognizer(run).probabilities(images[:count]))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5-v2", "se-resnet"])
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_weights_of_every_precision_are_read(
    page: Page, images: Images, tmp_path: Path, name: str, precision: Any
) -> None:
    from emnist_core.runs.weights import load_network
    from emnist_core.training.export import convert

    run = copy_of(name, tmp_path)
    convert(load_network(run), run.serving_file, precision)
    (run.path / "serving.json").unlink()
    # With int8 a number between two steps may fall to either, here as in LiteRT's own two implementations.
    bound = {"difference": 0.01, "share": 0.995} if precision == "int8" else {}
    assert_same(read(page, run, images[:300], 1.0), Recognizer(run, 1.0).probabilities(images[:300]), **bound)


def test_a_browser_without_webassembly_reads_as_well(chromium: Browser, images: Images) -> None:
    page = chromium.new_page()
    page.evaluate("delete window.WebAssembly")
    page.add_script_tag(content=scripts.source())
    for name in ("lenet5", "se-resnet"):
        run = Run(paths.SHIPPED_RUNS / name)
        assert_same(read(page, run, images[:20], 1.0), Recognizer(run, 1.0).probabilities(images[:20]))
    page.close()


def test_a_file_that_cannot_be_read_is_told(page: Page, images: Images, tmp_path: Path) -> None:
    run = copy_of("lenet5", tmp_path)
    sound = run.serving_file.read_bytes()
    run.serving_file.write_bytes(b"not a model at all")
    with pytest.raises(Error, match=r"no \.tflite file"):
        read(page, run, images[:1], 1.0)
    run.serving_file.write_bytes(with_another_operator(sound, "TANH", "ELU"))
    with pytest.raises(Error, match=r"operator \(111\) that is not known"):
        read(page, run, images[:1], 1.0)


def converted(ink: Pixels) -> list[Pixels] | str:
    """What Python makes of ink: the pictures of the steps, or the sentence that it is refused with."""
    try:
        return [step.image for step in conversion.convert(ink).steps]
    except ImageError as error:
        return str(error)


def converted_in(page: Page, ink: Pixels) -> list[Pixels] | str:
    """What the reader makes of it: the pictures, or the name of what is wrong."""
    content = encoded(np.ascontiguousarray(ink).tobytes())
    found = page.evaluate(CONVERT, {"content": content, "width": ink.shape[1], "height": ink.shape[0]})
    if isinstance(found, str):
        return found
    pictures = [np.frombuffer(base64.b64decode(step["data"]), np.uint8) for step in found]
    return [picture.reshape(step["height"], -1) for picture, step in zip(pictures, found, strict=True)]


def near(found: Pixels, expected: Pixels) -> float:
    """The share of pixels that differ by at most three grey levels."""
    return float(np.mean(np.abs(found.astype(int) - expected) <= 3))


@pytest.mark.parametrize("name", CASES)
def test_ink_of_every_kind_becomes_the_same_pictures_or_the_same_sentence(page: Page, name: str) -> None:
    ink, problem = CASES[name]
    found, expected = converted_in(page, ink), converted(ink)
    if problem:
        assert (found, expected) == (problem, conversion.PROBLEMS[problem])
        return
    assert [step.shape for step in found] == [step.shape for step in expected]
    assert min(map(near, found, expected)) >= 0.99


def test_drawings_become_the_same_images(page: Page) -> None:
    images = []
    for ink in scribbles(300):
        found, expected = converted_in(page, ink), converted(ink)
        assert isinstance(found, str) == isinstance(expected, str)
        if not isinstance(found, str):
            images.append((found[-1], expected[-1]))
    assert len(images) >= 280
    assert near(*np.array(images).swapaxes(0, 1)) >= 0.99
