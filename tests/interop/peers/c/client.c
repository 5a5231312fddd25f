/* Makes the calls of a file by xmlrpc-c: client URL FILE */
#include <stdlib.h>
#include <string.h>
#include <xmlrpc-c/client.h>

#include "notation.h"

/* How the library begins the text of a fault that has come from the server. */
static const char PREFIX[] = "RPC failed at server.  ";

static void write_failure(const char *name, const xmlrpc_env *env) {
    const char *text = env->fault_string;
    if (strncmp(text, PREFIX, strlen(PREFIX)) == 0) {
        printf("fault %s %d", name, env->fault_code);
        text += strlen(PREFIX);
    } else {
        printf("error %s", name);
    }
    write_bytes("", text, strlen(text));
}

static void make_call(xmlrpc_env *env, xmlrpc_server_info *server, const char *name,
                      char *method, xmlrpc_value *params) {
    xmlrpc_value *result = xmlrpc_client_call_server_params(env, server, method, params);
    if (env->fault_occurred) return;
    printf("result %s\n", name);
    write_value(env, result);
    xmlrpc_DECREF(result);
}

static xmlrpc_value *read_params(xmlrpc_env *env, FILE *file, int count) {
    xmlrpc_value *params = xmlrpc_array_new(env);
    for (; count > 0; count--) {
        xmlrpc_value *param = read_value(env, file);
        if (env->fault_occurred) break;
        xmlrpc_array_append_item(env, params, param);
        xmlrpc_DECREF(param);
    }
    return params;
}

int main(int argc, char **argv) {
    xmlrpc_env env;
    if (argc != 3) return 2;
    xmlrpc_env_init(&env);
    xmlrpc_client_init2(&env, XMLRPC_CLIENT_NO_FLAGS, "interop", "1", NULL, 0);
    check(&env);
    /* The library's own limit is half a megabyte. */
    xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 16 << 20);
    xmlrpc_server_info *server = xmlrpc_server_info_new(&env, argv[1]);
    FILE *file = fopen(argv[2], "r");
    char name[100], method[100];
    int count;
    for (char *line; (line = next_line(file)) != NULL;) {
        sscanf(line, "call %99s %99s %d", name, method, &count);
        xmlrpc_value *params = read_params(&env, file, count);
        if (!env.fault_occurred) make_call(&env, server, name, method, params);
        if (env.fault_occurred) write_failure(name, &env);
        fflush(stdout);
        xmlrpc_DECREF(params);
        xmlrpc_env_clean(&env);
        xmlrpc_env_init(&env);
    }
    return 0;
}
