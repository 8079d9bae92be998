// Watches any page from before its first script: frames, long tasks and changes of the document, while it is asked to.
(() => {
  if (window !== window.top) return;
  let seen = null;
  let last = 0;
  const frame = (now) => {
    if (seen && last) seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const observed = (list) => {
    if (seen) for (const entry of list.getEntries()) seen.longTasks.push(entry.duration);
  };
  const tasks = new PerformanceObserver(observed);
  tasks.observe({ type: "longtask" });
  let changes = 0;
  let changedAt = 0;
  const changed = () => {
    changes += 1;
    changedAt = performance.now();
  };
  new MutationObserver(changed).observe(document, { childList: true, characterData: true, subtree: true });
  const probe = {
    start() {
      last = 0;
      seen = { frames: [], longTasks: [], since: performance.now(), changesBefore: changes };
    },
    stop() {
      const { frames, longTasks, since, changesBefore } = seen;
      for (const entry of tasks.takeRecords()) longTasks.push(entry.duration);
      seen = null;
      return { frames, longTasks, ms: performance.now() - since, changes: changes - changesBefore };
    },
    changes: () => ({ changes, quietMs: performance.now() - changedAt }),
  };
  Object.defineProperty(window, "pulsegateProbe", { value: Object.freeze(probe) });
})();
