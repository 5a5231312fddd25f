/* The runner's notation of values, read and written by xmlrpc-c's own. */
#include <stdio.h>
#include <xmlrpc-c/base.h>

/* The next line, without its end, which the next call overwrites; NULL at the end. */
char *next_line(FILE *file);

xmlrpc_value *read_value(xmlrpc_env *env, FILE *file);

void write_value(xmlrpc_env *env, xmlrpc_value *value);

/* Prints bytes percent-encoded, and the end of the line. */
void write_bytes(const char *kind, const char *bytes, size_t length);

/* Ends the program if a call of the library has failed. */
void check(const xmlrpc_env *env);
