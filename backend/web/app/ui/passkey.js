// What the browser does with passkeys (WebAuthn, level 3).

/** Whether this browser has passkeys, and this page may use them. */
export const canUsePasskeys =
  "credentials" in navigator &&
  "parseCreationOptionsFromJSON" in (window.PublicKeyCredential ?? {});

/**
 * Make a passkey, or return null if the person has changed their mind.
 * @param {any} options
 */
export const make = (options) =>
  asked(async () =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    }),
  );

/**
 * Sign a challenge with a passkey that the person chooses, or return null.
 * @param {any} options
 */
export const sign = (options) =>
  asked(async () =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    }),
  );

/** @param {() => Promise<Credential | null>} ask */
async function asked(ask) {
  try {
    const credential = /** @type {PublicKeyCredential | null} */ (await ask());
    return credential?.toJSON() ?? null;
  } catch (error) {
    // The person said no, or waited too long: browsers don't tell which.
    if (error instanceof DOMException && error.name === "NotAllowedError") return null;
    throw error;
  }
}
