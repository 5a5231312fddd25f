// What no caller may get to see.

/** Part of the message of the error that the method `fail` throws. */
export const SECRET = "hunter2";
