"use strict";
// What the page does beyond showing itself: theme, filters, keyboard. Without it all content is there and readable.
// It sends nothing, makes no markup of any text, and keeps one thing: the theme chosen.
