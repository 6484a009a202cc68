/* One clock for all that plays (同一时钟). A film is { video, start, length, fps }: where it begins on the line of time, in
 * seconds; lanes are lists of films, one after the other. A film alone is its own clock. Of several the clock is ours, and
 * each video is steered towards it: what is off by little by its rate, by much with a seek; while a picture that is needed
 * is not there the clock waits, so that no picture is shown beside another one's time. */
const NEAR_S = 10, AT_ONCE_MS = 60, AGAIN_MS = 250, STEER_MS = 100, LATE_S = 0.3, STILL_S = 0.012, PULL = 2, PULL_MAX = 0.08, UNHEARD_MAX = 0.25; // of one that is not heard the rate may change more
export const TOGETHER_MAX = 2; // faster only the leading film plays

export class Clock extends EventTarget {
  #anchor = 0; #since = 0; #rate = 1; #playing = false; #waiting = false; #frame = 0;
  loop = null; lead = 0;

  constructor(lanes, length) {
    super();
    Object.assign(this, { lanes, length, films: lanes.flat(), alone: lanes.flat().length === 1 ? lanes.flat()[0].video : null });
    for (const film of this.films) film.video.addEventListener("seeked", () => { film.seeking = false; this.#say("time"); });
    if (!this.alone) { this.#place(true); return; }
    this.alone.addEventListener("pause", () => this.#again()); // where the film ends with the loop, before anything takes it for a pause
    for (const name of ["play", "pause", "ratechange"]) this.alone.addEventListener(name, () => { this.#say("state"); this.#tick(); });
    for (const name of ["seeking", "durationchange", "ended"]) this.alone.addEventListener(name, () => this.#say("time"));
  }
  get end() { return this.alone?.duration || this.length; }
  get playing() { return this.alone ? !this.alone.paused : this.#playing; }
  get waiting() { return this.#waiting; }
  get time() {
    if (this.alone) return this.alone.currentTime;
    const gone = this.#playing && !this.#waiting ? (performance.now() - this.#since) / 1000 * this.#rate : 0;
    return Math.min(this.end, Math.max(0, this.#anchor + gone));
  }
  get rate() { return this.#rate; }
  set rate(rate) {
    this.#anchor = this.time; this.#rate = rate; this.#since = performance.now();
    for (const { video } of this.films) video.playbackRate = rate;
    if (!this.alone) this.#say("state");
  }
  /** The film of a lane at a moment, if it has one then. */
  at(lane, t = this.time) { return this.alone ? this.films[0] : this.lanes[lane].find((one) => t >= one.start && t < one.start + one.length) ?? null; }
  local(film, t = this.time) { return t - film.start; }
  toggle() { this.playing ? this.pause() : this.play(); }
  play() {
    if (this.alone) return void this.alone.play().catch(() => {});
    if (this.#playing) return;
    if (this.time >= this.end - 0.05) this.seek(0);
    this.#playing = true; this.#since = performance.now();
    this.#say("state"); this.#tick();
  }
  pause() {
    if (this.alone) return this.alone.pause();
    if (!this.#playing) return;
    this.#anchor = this.time; this.#playing = this.#waiting = false;
    for (const { video } of this.films) video.pause();
    this.#say("state"); this.#place(true); this.#say("time");
  }
  seek(t) {
    if (this.alone) { this.alone.currentTime = Math.min(Math.max(0, t), this.alone.duration || 0); return; }
    this.#anchor = Math.min(this.end, Math.max(0, t)); this.#since = performance.now();
    this.#place(true); this.#say("time");
  }
  /** Pictures on or back, counted by the leading film: aim at the middle of a picture, never at its edge. */
  step(count) {
    this.pause();
    const film = this.at(this.lead) ?? this.lanes.map((_, lane) => this.at(lane)).find(Boolean);
    if (!film) return this.seek(this.time + count / this.films[0].fps);
    this.seek(film.start + (Math.floor(this.local(film) * film.fps + 1e-3) + count + 0.5) / film.fps);
  }
  /** How far each film that shows something is from the clock, in seconds. */
  get errors() { return this.lanes.map((_, lane) => this.at(lane)).filter(Boolean).map((film) => film.video.currentTime - this.local(film)); }

  #say(name) { this.dispatchEvent(new Event(name)); }
  #again() {
    const ended = this.alone?.ended;
    if (this.loop === null || !(ended || this.time >= this.loop[1])) return;
    this.seek(this.loop[0]);
    if (ended) this.alone.play().catch(() => {});
  }
  #place(jumps) {
    const now = this.time;
    for (const films of this.lanes) for (const film of films) {
      const shown = now >= film.start && now < film.start + film.length;
      const near = now > film.start - NEAR_S && now < film.start + film.length + NEAR_S ? "auto" : "none"; // what may be shown soon holds a connection
      if (film.video.preload !== near) film.video.preload = near;
      if (!shown && !film.video.paused) film.video.pause();
      if (shown && jumps) this.#jump(film);
    }
  }
  #jump(film) {
    const want = Math.min(Math.max(0, this.local(film)), film.length - 0.02);
    film.video.preload = "auto";
    if (Math.abs(film.video.currentTime - want) < 1e-4) return;
    film.seeking = true; film.jumped = performance.now(); film.video.currentTime = want;
  }
  #missing(film, now) {
    if (film.video.ended || film.video.error || this.local(film) > film.length - 0.15) return false;
    return (film.seeking || film.video.readyState < (this.#waiting ? 4 : 3)) && now - (film.jumped ?? 0) > AT_ONCE_MS;
  }
  #steer(film, now) {
    const { video } = film, error = video.currentTime - this.local(film), far = Math.abs(error) > LATE_S * Math.max(1, this.#rate);
    if (video.paused && !video.ended) {
      video.playbackRate = this.#rate;
      video.play().catch((error) => { if (error.name === "NotAllowedError") this.pause(); });
      if (far) this.#jump(film);
    } else if (far && now - (film.jumped ?? 0) > AGAIN_MS) this.#jump(film);
    else if (now - (film.steered ?? 0) > STEER_MS) {
      const most = video.muted ? UNHEARD_MAX : PULL_MAX, pull = Math.abs(error) < STILL_S ? 0 : Math.max(-most, Math.min(most, -error * PULL / this.#rate));
      if (Math.abs(video.playbackRate - this.#rate * (1 + pull)) > 0.002) video.playbackRate = this.#rate * (1 + pull);
      film.steered = now;
    }
  }
  #tick = () => {
    cancelAnimationFrame(this.#frame);
    this.#again();
    if (!this.alone && this.#playing) this.#together();
    this.#say("time");
    if (this.playing) this.#frame = requestAnimationFrame(this.#tick);
  };
  #together() {
    if (this.time >= this.end) return this.pause();
    this.#place(false);
    const now = performance.now(), fast = this.#rate > TOGETHER_MAX, shown = [];
    for (const lane of this.lanes.keys()) {
      const film = this.at(lane);
      if (film && fast && lane !== this.lead) film.video.pause();
      else if (film) shown.push(film);
    }
    const short = shown.some((film) => this.#missing(film, now));
    if (short !== this.#waiting) {
      this.#anchor = this.time; this.#since = now; this.#waiting = short;
      if (short) for (const { video } of shown) video.pause();
    }
    if (!short) for (const film of shown) this.#steer(film, now);
  }
}
