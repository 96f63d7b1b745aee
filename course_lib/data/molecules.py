"""Small molecules, grown as graphs: up to 9 atoms of carbon, nitrogen, oxygen and fluorine.

RDKit counts the bonds and writes the names; which moves are allowed stands here. The molecules are
drawn on paper only: nobody has asked whether they can be made, or what they would do.
RDKit and selfies come with the extra [molecules]; they load only when a function here needs them.
"""

import random

MOST_ATOMS = 9  # without hydrogen, which fills what is left
ATOMS = {6: 6, 7: 2, 8: 2, 9: 1}  # atomic number: how often it is tried
MOVES = {"add": 6, "raise": 2, "close": 2}
FORBIDDEN = (
    "[#7,#8;!a]~[#7,#8;!a]",  # two of nitrogen and oxygen in a chain: often explosive
    "[#7,#8]F",
    "[*]=[C,N]=[*]",
    "[*;r3,r4]=,#[*;r3,r4]",  # small rings under strain
    "[*;R]#[*;R]",
    "[r3;R2]",
)
NEEDED = (
    "this needs RDKit and selfies: run `pip install rdkit selfies`, or install the course with its "
    "extra [molecules]"
)


def molecules(n: int = 24_000, seed: int = 0) -> list[str]:
    """Grow n different molecules from methane, ammonia and water; return their SMILES.

    A move adds an atom, raises a bond, or closes a ring. Each starts at a molecule drawn by lot
    from those grown so far; what RDKit or the rules above refuse, or what is there already, is
    dropped.

    Raises:
        ModuleNotFoundError: in one sentence, if RDKit is missing.
    """
    chem = chemistry()
    lot = random.Random(seed)
    rules = [chem.MolFromSmarts(rule) for rule in FORBIDDEN]
    grown = {name: chem.MolFromSmiles(name) for name in ("C", "N", "O")}
    names = list(grown)
    while len(names) < n:
        new = _moved(grown[lot.choice(names)], lot)
        if new is None or any(new.HasSubstructMatch(rule) for rule in rules):
            continue
        name = chem.MolToSmiles(new)
        if name not in grown:
            grown[name] = new
            names.append(name)
    return lot.sample(names, n)


def canonical(smiles: str) -> str | None:
    """Return the one spelling of a molecule, or None if the string describes none."""
    molecule = _read(smiles)
    return chemistry().MolToSmiles(molecule) if molecule is not None and smiles else None


def logp(smiles: str) -> float:
    """Return how much rather a molecule goes into oil than into water, estimated: Crippen's logP.

    A sum of contributions of its atoms, fitted to measurements. 1 more is ten times rather.
    Source: Wildman & Crippen 1999, https://doi.org/10.1021/ci990307l.
    """
    from rdkit.Chem.Crippen import MolLogP

    return MolLogP(_read(smiles))


def keeps_the_rules(smiles: str) -> bool:
    """Return whether a molecule could have been grown: its size, its atoms and its bonds."""
    chem, molecule = chemistry(), _read(smiles)
    if molecule is None or not 0 < molecule.GetNumAtoms() <= MOST_ATOMS:
        return False
    if any(a.GetAtomicNum() not in ATOMS or a.GetFormalCharge() for a in molecule.GetAtoms()):
        return False
    return not any(molecule.HasSubstructMatch(chem.MolFromSmarts(rule)) for rule in FORBIDDEN)


def spell(smiles: str, spelling: str) -> list[str]:
    """Cut a molecule's name into tokens: the characters of SMILES, or the words of SELFIES.

    Source of SELFIES: Krenn et al. 2020, https://doi.org/10.1088/2632-2153/aba947.
    """
    if spelling == "SMILES":
        return list(smiles)
    selfies = _selfies()
    return list(selfies.split_selfies(selfies.encoder(smiles)))


def read(text: str, spelling: str) -> str | None:
    """Return the canonical SMILES that a string in either spelling stands for; None if none."""
    return canonical(text if spelling == "SMILES" else _selfies().decoder(text))


def _selfies():
    try:
        import selfies
    except ModuleNotFoundError:
        raise ModuleNotFoundError(NEEDED) from None
    return selfies


def chemistry():
    """Return RDKit's chemistry, silenced, or say in one sentence what to install."""
    try:
        from rdkit import Chem, RDLogger
    except ModuleNotFoundError:
        raise ModuleNotFoundError(NEEDED) from None
    RDLogger.DisableLog("rdApp.*")
    return Chem


def _read(smiles: str):
    return chemistry().MolFromSmiles(smiles)


def _moved(molecule, lot: random.Random):
    """Return the molecule after one move by lot, or None where the move is not possible."""
    chem = chemistry()
    new = chem.RWMol(molecule)
    chem.Kekulize(new, clearAromaticFlags=True)
    open_ = [atom.GetIdx() for atom in new.GetAtoms() if atom.GetTotalNumHs()]
    if not open_:
        return None
    move, here = lot.choices(list(MOVES), MOVES.values())[0], lot.choice(open_)
    if move == "add":
        if new.GetNumAtoms() == MOST_ATOMS:
            return None
        there = new.AddAtom(chem.Atom(lot.choices(list(ATOMS), ATOMS.values())[0]))
    else:
        there = lot.choice(open_)
    bond = new.GetBondBetweenAtoms(here, there)
    if here == there or (move == "raise") != (bond is not None):
        return None
    if move == "raise":
        order = int(bond.GetBondTypeAsDouble())
        bond.SetBondType((chem.BondType.DOUBLE, chem.BondType.TRIPLE, None)[order - 1])
    elif move == "close" and not 2 <= len(chem.GetShortestPath(new, here, there)) - 1 <= 5:
        return None
    else:
        new.AddBond(here, there, chem.BondType.SINGLE)
    try:
        chem.SanitizeMol(new)
    except (chem.AtomValenceException, chem.KekulizeException):
        return None
    return new
