"use strict";
// Portkey's start script listens on every address and has no option for it: here it is 127.0.0.1, whatever is asked.
const { Server } = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const asked = typeof port === "object" && port !== null ? port : { port };
  const done = rest.find((each) => typeof each === "function");
  return listen.call(this, { ...asked, host: "127.0.0.1" }, done);
};
