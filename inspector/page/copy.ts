/** Text for the clipboard. A page from a file may not use the newer way, so there is the older one too. */
const byHand = (text: string): void => {
  const box = document.createElement('textarea');
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
};

export const copy = (text: string): void => {
  if (!window.isSecureContext) return byHand(text);
  navigator.clipboard.writeText(text).catch(() => byHand(text));
};
