"""Molecules are different, keep the rules, and are read back from either spelling."""

import importlib.util
import sys

import pytest

from course_lib.data.molecules import keeps_the_rules, logp, molecules, read, spell

needs_chemistry = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("rdkit", "selfies")),
    reason="needs the extra [molecules]",
)


@pytest.fixture(scope="module")
def grown():
    return molecules(1500, seed=3)


@needs_chemistry
def test_molecules_are_different_and_written_in_their_one_spelling(grown):
    from rdkit import Chem

    assert len(set(grown)) == len(grown) == 1500
    assert all(Chem.CanonSmiles(name) == name for name in grown)
    assert max(Chem.MolFromSmiles(name).GetNumAtoms() for name in grown) <= 9


@needs_chemistry
def test_everything_grown_keeps_the_rules_and_what_breaks_them_is_found(grown):
    assert all(map(keeps_the_rules, grown))
    broken = ["COOC", "NNC", "FN", "C=C=C", "C1=CC1", "CCCCCCCCCC", "CCl", "[O-]C", "", "C(("]
    assert not any(map(keeps_the_rules, broken))
    assert keeps_the_rules("c1ccccc1") and keeps_the_rules("CC(=O)O")


@needs_chemistry
def test_the_same_seed_grows_the_same_molecules():
    assert molecules(60, seed=1) == molecules(60, seed=1) != molecules(60, seed=2)


@needs_chemistry
@pytest.mark.parametrize("spelling", ["SMILES", "SELFIES"])
def test_a_molecule_is_read_back_from_its_tokens(spelling, grown):
    for name in grown[:200]:
        assert read("".join(spell(name, spelling)), spelling) == name


@needs_chemistry
def test_a_bracket_left_open_is_no_molecule_in_smiles_and_unwritable_in_selfies():
    assert read("CC(C", "SMILES") is None and read("", "SMILES") is None
    assert read("[C][Branch1][C][Ring2][F][#N]", "SELFIES") is not None
    assert read("", "SELFIES") is None


@needs_chemistry
def test_logp_is_that_of_crippen_and_rises_along_a_chain():
    from rdkit import Chem
    from rdkit.Chem import Crippen

    assert logp("CCO") == Crippen.MolLogP(Chem.MolFromSmiles("CCO"))
    assert logp("CO") < logp("CCO") < logp("CCCO") < logp("CCCC")


def test_without_the_libraries_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    monkeypatch.setitem(sys.modules, "selfies", None)
    for ask in (lambda: molecules(10), lambda: spell("C", "SELFIES")):
        with pytest.raises(ModuleNotFoundError, match="run `pip install rdkit selfies`"):
            ask()
