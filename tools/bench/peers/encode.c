/* Times xmlrpc-c's encoder: a line in, the milliseconds of one encoding out.
 *
 *     cc -O2 encode.c -o encode $(xmlrpc-c-config --libs)
 *     ./encode structs|text
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xmlrpc-c/base.h>

static xmlrpc_env env;

static void check(void) {
  if (!env.fault_occurred) return;
  fprintf(stderr, "%s\n", env.fault_string);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* What bench/encode.ts encodes, too. */
static xmlrpc_value *structs(void) {
  xmlrpc_value *rows = xmlrpc_array_new(&env);
  for (int id = 0; id < 1000; id++) {
    char name[40];
    snprintf(name, sizeof name, "Customer number %d", id);
    xmlrpc_value *row = xmlrpc_build_value(
        &env, "{s:i,s:s,s:d,s:b,s:t}", "id", (xmlrpc_int32)id, "name", name,
        "price", id * 1.25 + 0.1, "active", (xmlrpc_bool)(id % 2 == 0),
        "created", (time_t)(1700000000 + id));
    check();
    xmlrpc_array_append_item(&env, rows, row);
    xmlrpc_DECREF(row);
  }
  check();
  return rows;
}

static xmlrpc_value *text(void) {
  const char *line = "The <b>\"fast\"</b> & the slow\n";
  size_t length = strlen(line);
  char *all = malloc(36000 * length + 1);
  for (int at = 0; at < 36000; at++) memcpy(all + at * length, line, length);
  all[36000 * length] = 0;
  xmlrpc_value *value = xmlrpc_string_new(&env, all);
  free(all);
  check();
  return value;
}

int main(int argc, char **argv) {
  xmlrpc_env_init(&env);
  int is_text = argc > 1 && strcmp(argv[1], "text") == 0;
  xmlrpc_value *value = is_text ? text() : structs();
  for (int c = getchar(); c != EOF; c = getchar()) {
    double start = now();
    xmlrpc_mem_block *out = xmlrpc_mem_block_new(&env, 0);
    xmlrpc_serialize_response(&env, out, value);
    check();
    double end = now();
    xmlrpc_mem_block_free(out);
    printf("%f\n", end - start);
    fflush(stdout);
  }
  return 0;
}
