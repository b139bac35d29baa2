import { html } from 'hono/html';

/** The sign: three streams that pass one gate. */
export const mark = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M1.5 6C8 6 7 12 12 12M1.5 18C8 18 7 12 12 12h10.5" /><path class="gate" d="M12 3v18" /></svg>`;

/** The same, drawn large: what every dialect sends comes together, and leaves for whoever can answer. */
export const streams = html`<svg class="streams" viewBox="0 0 720 150" preserveAspectRatio="xMidYMid meet" aria-hidden="true">
  <g class="in">
    <path d="M0 21C180 21 200 66 344 69" /><path d="M0 57C180 57 220 72 344 73" /><path d="M0 93C180 93 220 78 344 77" /><path d="M0 129C180 129 200 84 344 81" />
  </g>
  <g class="out">
    <path d="M376 69C520 66 560 12 720 12" /><path d="M376 72C520 71 560 44 720 44" /><path d="M376 75H720" /><path d="M376 78C520 79 560 106 720 106" /><path d="M376 81C520 84 560 138 720 138" />
  </g>
  <path class="gate" d="M352 24v102M368 24v102" />
  <path class="through" d="M344 75h32" />
</svg>`;
