"""From noise to novelty: generative models small enough to read.

The rooms, in the order a picture walks through them (each imports only rooms above it):

    runtime      the device, seeded noise, show_source
    data         pictures in [-1, 1] and points, with their splits; batches without end
    schedules    how much signal is left at each timestep
    models       VAE, Generator and Discriminator, UNet
    losses       tensors in, tensor out
    checkpoints  weights and the card that says how they came about
    training     descend, fit, EMA
    muon         an optimizer for long runs
    sampling     noise in, pictures out
    recipes      each family's step, and settings that work
    crowds       many seeds trained at once
    runs         long runs that can be stopped and taken up again
    judges       two trained networks that mark what generators make
    painters     trained generators of pictures behind one face
    metrics      quality, diversity, novelty
    plotting     figures that describe themselves
    widgets      a quiz for the eye, sliders, and their stills
    checks       the truth that exercises are held against
    results      long experiments, stored and measured again
    choosing     which family, for what one cares about
    advisor      sliders for it, and their still
    claims       what the two articles say, and what our numbers make of it
    bench        ours beside what a learner would otherwise pick
    experiments  each measures one seed of what is stored
    scoreboard   stored numbers side by side, as one needs them to choose
    commands     what `python -m course_lib` does

Importing the package itself loads nothing; take what you need: `from course_lib.models import VAE`.
"""

__version__ = "0.1.0"
