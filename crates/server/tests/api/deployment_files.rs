//! What a deployment is made of: the files under `deploy/`.

