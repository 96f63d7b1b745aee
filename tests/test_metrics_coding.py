"""Bits are counted as a coder would need them, and bytes as the file holds them."""

import io
import math

import numpy as np
import PIL.Image
import pytest
import torch

from course_lib.data.catalog import catalog_split
from course_lib.metrics.coding import jpeg, psnr, rounded_bits, scan_bytes
from course_lib.runtime import generator


def test_psnr_is_the_textbooks_for_eight_bits():
    a, b = torch.randint(256, (2, 3, 3, 8, 8), generator=generator(0)).double()
    textbook = 20 * math.log10(255) - 10 * math.log10(((a - b) ** 2).mean())
    assert psnr(a / 127.5 - 1, b / 127.5 - 1) == pytest.approx(textbook)


def test_a_fair_coin_costs_one_bit_and_four_equal_values_two():
    coin = torch.arange(40_000)[:, None] % 2 * 1.0
    four = torch.arange(40_000)[:, None] % 4 * 1.0
    both = torch.cat([coin, four], dim=1)
    rounded, bits = rounded_bits(both[:8], both, 1.0)
    assert torch.equal(rounded, both[:8])
    torch.testing.assert_close(bits, torch.full((8,), 3.0).double(), atol=1e-3, rtol=0)


def test_a_fine_step_costs_the_entropy_of_a_gaussian():
    draw = generator(1)
    like, x = torch.randn(200_000, 1, generator=draw), torch.randn(20_000, 1, generator=draw)
    _, bits = rounded_bits(x, like, 0.25)
    theory = 0.5 * math.log2(2 * math.pi * math.e) - math.log2(0.25)
    assert bits.mean().item() == pytest.approx(theory, abs=0.02)


def test_the_prices_of_all_values_are_a_code_that_can_exist():
    """Kraft: the sum of 2 to the power of -bits over all whole numbers is at most about 1."""
    like = torch.randn(500, 1, generator=generator(2))
    everything = torch.arange(-4000.0, 4000.0)[:, None]
    _, bits = rounded_bits(everything, like, 1.0)
    assert torch.pow(2.0, -bits).sum().item() < 1.01


def test_values_never_seen_have_a_finite_price_that_grows():
    like = torch.zeros(10, 1)
    _, bits = rounded_bits(torch.tensor([[0.0], [1.0], [5.0], [50.0]]), like, 1.0)
    assert bits.isfinite().all() and (bits.diff() > 0).all()


def test_rounding_goes_to_the_nearest_multiple():
    rounded, _ = rounded_bits(torch.tensor([[0.26], [-0.9]]), torch.zeros(3, 1), 0.5)
    assert rounded.flatten().tolist() == [0.5, -1.0]


def test_the_scan_is_what_lies_between_its_header_and_the_end():
    x = catalog_split("test", 3).x
    x_hat, bits = jpeg(x, 60)
    for one, back, n_bits in zip(x, x_hat, bits.tolist(), strict=True):
        pixels = ((one.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()
        file = io.BytesIO()
        PIL.Image.fromarray(pixels).save(file, "JPEG", quality=60, subsampling=0, optimize=True)
        whole = file.getvalue()
        start = whole.index(b"\xff\xda")
        begin = start + 2 + int.from_bytes(whole[start + 2 : start + 4], "big")
        assert n_bits == 8 * (len(whole) - begin - 2)
        read = np.array(PIL.Image.open(file), dtype=np.float32) / 127.5 - 1
        torch.testing.assert_close(back, torch.from_numpy(read).permute(2, 0, 1))


def test_a_better_jpeg_costs_more_and_an_even_picture_next_to_nothing():
    x = catalog_split("test", 4).x
    rough, fine = jpeg(x, 10), jpeg(x, 90)
    assert psnr(fine[0], x) > psnr(rough[0], x) and (fine[1] > rough[1]).all()
    even, bits = jpeg(torch.full((1, 3, 32, 32), 0.5), 50)
    assert bits.item() <= 8 * 32 and (even - 0.5).abs().max() < 0.02


def test_nonsense_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="one shape"):
        psnr(torch.zeros(2, 3), torch.zeros(3))
    with pytest.raises(ValueError, match="need .N, K. and .M, K. with one K and a step above 0"):
        rounded_bits(torch.zeros(2, 3), torch.zeros(2, 4), 1.0)
    with pytest.raises(ValueError, match="a step above 0"):
        rounded_bits(torch.zeros(2, 3), torch.zeros(2, 3), 0.0)
    with pytest.raises(ValueError, match="not a whole JPEG file"):
        scan_bytes(b"GIF89a")
    with pytest.raises(ValueError, match="has no scan"):
        scan_bytes(b"\xff\xd8\xff\xd9")
    several = io.BytesIO()
    PIL.Image.new("RGB", (32, 32)).save(several, "JPEG", progressive=True)
    with pytest.raises(ValueError, match="more than one scan"):
        scan_bytes(several.getvalue())


GUARDS = [
    (test_psnr_is_the_textbooks_for_eight_bits, (), "metrics.coding", [
        ("log10(4 /", "log10(1 /"),
    ]),
    (test_a_fine_step_costs_the_entropy_of_a_gaussian, (), "metrics.coding", [
        ("count.sum()).log2()", "count.sum()).log()"),
        ("like / step", "like / (2 * step)"),
    ]),
    (test_a_fair_coin_costs_one_bit_and_four_equal_values_two, (), "metrics.coding", [
        ("bits += price", "bits = price"),
    ]),
    (test_the_prices_of_all_values_are_a_code_that_can_exist, (), "metrics.coding", [
        ("+ 2 * (1 + beyond).log2()", ""),
    ]),
    (test_the_scan_is_what_lies_between_its_header_and_the_end, (), "metrics.coding", [
        ("8 * scan_bytes(", "8 * len("),
        ("return len(file) - 2 - place", "return len(file) - place"),
    ]),
]  # fmt: skip
