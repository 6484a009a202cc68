/* A length of time in seconds as a player shows it (时长): 0:07, 12:30, 1:02:03. */
const two = (n) => String(Math.floor(n)).padStart(2, "0");
export const span = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${two((s % 3600) / 60)}` : String(Math.floor(s / 60))) + `:${two(s % 60)}`;
