// Before the first paint: what somebody chose last on this device. The preferences themselves come from the server.
(() => {
  const root = document.documentElement;
  try {
    const look = JSON.parse(localStorage.getItem('sluice.look') || '{}');
    if (look.theme === 'light' || look.theme === 'dark') root.dataset.theme = look.theme;
    if (look.language) root.lang = look.language;
    if (look.fontSize) root.dataset.size = look.fontSize;
    if (look.highContrast) root.dataset.contrast = 'high';
    if (look.reduceMotion) root.dataset.motion = 'reduced';
  } catch {}
})();
