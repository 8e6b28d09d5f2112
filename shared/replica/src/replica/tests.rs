//! The session against a relay that is played by hand, frame by frame.

mod archives;
mod chains;
mod desk;
mod exports;
mod forks;
mod generations;
mod hostile;
mod orders;
