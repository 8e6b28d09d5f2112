//! Hosts the replica for all tabs of a browser profile.
