// Stands in for the app's return page: redeems a completion code as the local user, or shows how the flow ended.
// Tokens are never shown: the answer's values are replaced before they reach the page.
const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);

const show = (title, text, answer) => {
  document.getElementById("title").textContent = title;
  document.getElementById("text").textContent = text;
  if (!answer) return;
  const hidden = (name, value) => (/token$/.test(name) ? "…" : value);
  const pre = document.getElementById("answer");
  pre.textContent = JSON.stringify(answer, hidden, 2);
  pre.hidden = false;
};

const complete = async (code) => {
  const response = await fetch("/api/mcp/oauth/complete", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ completion_code: code }),
  });
  const answer = await response.json();
  if (response.ok) show("Connected · 已连接", "Completed for the local user.", answer);
  else show("Not connected · 未连接", answer.error_description || "", answer);
};

if (fragment.has("completion_code")) {
  complete(fragment.get("completion_code")).catch(() => show("Not connected · 未连接", "The service did not answer."));
} else if (fragment.get("status") === "connected") {
  show("Connected · 已连接", "Connection " + fragment.get("connection"));
} else if (fragment.has("error")) {
  show("Not connected · 未连接", fragment.get("error"));
} else {
  show("Nothing to do", "A flow ends here.");
}
