// Asks the browser for a passkey when a form marked `data-passkey` is sent, and sends its answer instead.
// `data-passkey` says what is asked, "get" or "create"; `data-options` holds the hub's question as JSON.
"use strict";

const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const known = (credentials = []) => credentials.map((each) => ({ ...each, id: toBytes(each.id) }));

function question(options) {
  const publicKey = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.allowCredentials) publicKey.allowCredentials = known(options.allowCredentials);
  if (options.excludeCredentials) publicKey.excludeCredentials = known(options.excludeCredentials);
  return { publicKey };
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  try {
    const asked = question(JSON.parse(form.dataset.options));
    const credential = await navigator.credentials[form.dataset.passkey](asked);
    form.elements.credential.value = answer(credential);
  } catch {
    form.querySelector("[data-refused]").hidden = false;
    return;
  }
  // Not requestSubmit: that would come back here.
  form.submit();
});
