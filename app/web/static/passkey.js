// Passkeys whose secret wraps the keys of a venture: WebAuthn with the PRF extension. Called by the interface.
(() => {
  const random = (count) => crypto.getRandomValues(new Uint8Array(count));
  const secretOf = (credential) => {
    const prf = credential.getClientExtensionResults().prf;
    return prf?.results?.first ? new Uint8Array(prf.results.first) : null;
  };

  const ask = async (credential, salt) => {
    const found = await navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id: credential }],
        userVerification: "required",
        extensions: { prf: { eval: { first: salt } } },
      },
    });
    return secretOf(found);
  };

  window.heqiPasskey = {
    async offered() {
      if (!window.PublicKeyCredential || !navigator.credentials) return false;
      const can = await PublicKeyCredential.getClientCapabilities?.();
      if (can && "extension:prf" in can) return can["extension:prf"];
      return (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.()) ?? false;
    },

    async make(name) {
      const salt = random(32);
      const made = await navigator.credentials.create({
        publicKey: {
          challenge: random(32),
          rp: { name: "Heqi 合契" },
          user: { id: random(16), name, displayName: name },
          pubKeyCredParams: [
            { type: "public-key", alg: -8 },
            { type: "public-key", alg: -7 },
            { type: "public-key", alg: -257 },
          ],
          authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
          extensions: { prf: { eval: { first: salt } } },
        },
      });
      const credential = new Uint8Array(made.rawId);
      // Some authenticators tell the secret only when asked again.
      const secret = secretOf(made) ?? (await ask(credential, salt));
      if (!secret) throw new Error("no secret behind this passkey");
      return { credential, salt, secret };
    },

    async secret(credential, salt) {
      const secret = await ask(credential, salt);
      if (!secret) throw new Error("no secret behind this passkey");
      return { secret };
    },
  };
})();
