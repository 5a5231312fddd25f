/* A multicall by xmlrpc-c: prints a line for each of its two calls, the result or the
 * fault.
 *
 *     cc multicall.c -lxmlrpc_client -lxmlrpc -lxmlrpc_util -o multicall
 *     ./multicall URL
 */
#include <stdio.h>
#include <stdlib.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>

static void check(const xmlrpc_env *env) {
    if (env->fault_occurred) {
        fprintf(stderr, "%d: %s\n", env->fault_code, env->fault_string);
        exit(1);
    }
}

static void print_slot(xmlrpc_env *env, xmlrpc_value *slot) {
    if (xmlrpc_value_type(slot) == XMLRPC_TYPE_ARRAY) {
        double result;
        xmlrpc_decompose_value(env, slot, "(d)", &result);
        check(env);
        printf("result %g\n", result);
    } else {
        int code;
        const char *text;
        xmlrpc_decompose_value(env, slot, "{s:i,s:s,*}",
                               "faultCode", &code, "faultString", &text);
        check(env);
        printf("fault %d %s\n", code, text);
    }
}

int main(int argc, const char **argv) {
    xmlrpc_env env;
    if (argc != 2) return 2;
    xmlrpc_env_init(&env);
    xmlrpc_client_init2(&env, XMLRPC_CLIENT_NO_FLAGS, "multicall", "1", NULL, 0);
    check(&env);
    xmlrpc_value *answer = xmlrpc_client_call(
        &env, argv[1], "system.multicall", "(({s:s,s:(dd)}{s:s,s:()}))",
        "methodName", "math.divide", "params", 1.0, 4.0,
        "methodName", "no.such", "params");
    check(&env);
    for (int index = 0; index < xmlrpc_array_size(&env, answer); index++) {
        xmlrpc_value *slot;
        xmlrpc_array_read_item(&env, answer, index, &slot);
        check(&env);
        print_slot(&env, slot);
        xmlrpc_DECREF(slot);
    }
    xmlrpc_DECREF(answer);
    xmlrpc_client_cleanup();
    return 0;
}
