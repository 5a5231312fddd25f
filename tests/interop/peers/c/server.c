/* The contract's methods by xmlrpc-c's Abyss server, on a free port, which is printed. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

#include "notation.h"

typedef xmlrpc_value *method(xmlrpc_env *, xmlrpc_value *, void *, void *);

static xmlrpc_value *image;

static xmlrpc_value *first(xmlrpc_env *env, xmlrpc_value *array) {
    xmlrpc_value *item = NULL;
    xmlrpc_array_read_item(env, array, 0, &item);
    return item;
}

static int member(xmlrpc_env *env, xmlrpc_value *value, const char *name) {
    xmlrpc_value *found;
    int number = 0;
    xmlrpc_struct_read_value(env, value, name, &found);
    if (env->fault_occurred) return 0;
    xmlrpc_read_int(env, found, &number);
    xmlrpc_DECREF(found);
    return number;
}

static xmlrpc_value *sum(xmlrpc_env *env, xmlrpc_value *value) {
    int total = member(env, value, "moe") + member(env, value, "larry") + member(env, value, "curly");
    return xmlrpc_int_new(env, total);
}

static int count(const char *text, char character) {
    int number = 0;
    for (; *text != '\0'; text++) number += *text == character;
    return number;
}

static xmlrpc_value *array_of_structs(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_value *structs = first(env, params);
    int total = 0;
    for (int index = 0; index < xmlrpc_array_size(env, structs); index++) {
        xmlrpc_value *item;
        xmlrpc_array_read_item(env, structs, index, &item);
        total += member(env, item, "curly");
        xmlrpc_DECREF(item);
    }
    xmlrpc_DECREF(structs);
    return xmlrpc_int_new(env, total);
}

static xmlrpc_value *count_entities(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    const char *text;
    xmlrpc_decompose_value(env, params, "(s)", &text);
    if (env->fault_occurred) return NULL;
    xmlrpc_value *result = xmlrpc_build_value(
        env, "{s:i,s:i,s:i,s:i,s:i}",
        "ctLeftAngleBrackets", count(text, '<'), "ctRightAngleBrackets", count(text, '>'),
        "ctAmpersands", count(text, '&'), "ctApostrophes", count(text, '\''),
        "ctQuotes", count(text, '"'));
    free((void *)text);
    return result;
}

static xmlrpc_value *easy_struct(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_value *value = first(env, params);
    xmlrpc_value *result = sum(env, value);
    xmlrpc_DECREF(value);
    return result;
}

static xmlrpc_value *echo(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    return first(env, params);
}

static xmlrpc_value *many_types(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_INCREF(params);
    return params;
}

static const char *text_at(xmlrpc_env *env, xmlrpc_value *array, int index) {
    xmlrpc_value *item;
    const char *text;
    xmlrpc_array_read_item(env, array, index, &item);
    xmlrpc_read_string(env, item, &text);
    xmlrpc_DECREF(item);
    return text;
}

static xmlrpc_value *moderate_size(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_value *texts = first(env, params);
    const char *head = text_at(env, texts, 0);
    const char *tail = text_at(env, texts, xmlrpc_array_size(env, texts) - 1);
    xmlrpc_value *result = xmlrpc_string_new_f(env, "%s%s", head, tail);
    free((void *)head);
    free((void *)tail);
    xmlrpc_DECREF(texts);
    return result;
}

static xmlrpc_value *nested_struct(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_value *day;
    xmlrpc_decompose_value(env, params, "({s:{s:{s:S,*},*},*})", "2000", "04", "01", &day);
    if (env->fault_occurred) return NULL;
    xmlrpc_value *result = sum(env, day);
    xmlrpc_DECREF(day);
    return result;
}

static xmlrpc_value *simple_struct(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    int number;
    xmlrpc_decompose_value(env, params, "(i)", &number);
    return xmlrpc_build_value(env, "{s:i,s:i,s:i}", "times10", number * 10,
                              "times100", number * 100, "times1000", number * 1000);
}

static xmlrpc_value *no_params(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    return xmlrpc_int_new(env, 1);
}

static xmlrpc_value *which_toolkit(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    return xmlrpc_build_value(
        env, "{s:s,s:s,s:s,s:s}", "toolkitDocsUrl", "http://xmlrpc-c.sourceforge.net",
        "toolkitName", "xmlrpc-c", "toolkitVersion", "1.33", "toolkitOperatingSystem", "unix");
}

static xmlrpc_value *get_string(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    const char *text;
    xmlrpc_decompose_value(env, params, "(s)", &text);
    if (env->fault_occurred) return NULL;
    xmlrpc_value *result = xmlrpc_string_new_f(env, "get string:%s", text);
    free((void *)text);
    return result;
}

static xmlrpc_value *add(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    double x, y;
    int m, n;
    xmlrpc_decompose_value(env, params, "(ii)", &m, &n);
    if (!env->fault_occurred) return xmlrpc_int_new(env, m + n);
    xmlrpc_env_clean(env);
    xmlrpc_env_init(env);
    xmlrpc_decompose_value(env, params, "(dd)", &x, &y);
    return xmlrpc_double_new(env, x + y);
}

static xmlrpc_value *image_put(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    image = first(env, params);
    return xmlrpc_bool_new(env, 1);
}

static xmlrpc_value *image_get(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    xmlrpc_INCREF(image);
    return image;
}

static xmlrpc_value *fault(xmlrpc_env *env, xmlrpc_value *params, void *i, void *c) {
    int code;
    const char *text;
    xmlrpc_decompose_value(env, params, "(is)", &code, &text);
    if (env->fault_occurred) return NULL;
    xmlrpc_env_set_fault(env, code, text);
    free((void *)text);
    return NULL;
}

static const struct {
    const char *name;
    method *function;
    const char *signature;
} METHODS[] = {
    {"validator1.arrayOfStructsTest", array_of_structs, "i:A"},
    {"validator1.countTheEntities", count_entities, "S:s"},
    {"validator1.easyStructTest", easy_struct, "i:S"},
    {"validator1.echoStructTest", echo, "S:S"},
    {"validator1.manyTypesTest", many_types, "A:ibsd86"},
    {"validator1.moderateSizeArrayCheck", moderate_size, "s:A"},
    {"validator1.nestedStructTest", nested_struct, "i:S"},
    {"validator1.simpleStructReturnTest", simple_struct, "S:i"},
    {"interopEchoTests.echoString", echo, "s:s"},
    {"interopEchoTests.echoInteger", echo, "i:i"},
    {"interopEchoTests.echoFloat", echo, "d:d"},
    {"interopEchoTests.echoBoolean", echo, "b:b"},
    {"interopEchoTests.echoDate", echo, "8:8"},
    {"interopEchoTests.echoBase64", echo, "6:6"},
    {"interopEchoTests.echoStruct", echo, "S:S"},
    {"interopEchoTests.echoStringArray", echo, "A:A"},
    {"interopEchoTests.echoIntegerArray", echo, "A:A"},
    {"interopEchoTests.echoFloatArray", echo, "A:A"},
    {"interopEchoTests.echoStructArray", echo, "A:A"},
    {"interopEchoTests.noInParams", no_params, "i:"},
    {"interopEchoTests.whichToolkit", which_toolkit, "S:"},
    {"get_string", get_string, "s:s"},
    {"add", add, "i:ii,d:dd"},
    {"image_put", image_put, "b:6"},
    {"image_get", image_get, "6:"},
    {"echo", echo, NULL},
    {"fault", fault, "n:is"},
};

static int bind_port(void) {
    int handle = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(handle, (struct sockaddr *)&address, size) < 0) exit(1);
    /* Whoever reads the port may call at once. */
    listen(handle, 16);
    getsockname(handle, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    return handle;
}

int main(void) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, 16 << 20);
    xmlrpc_registry *registry = xmlrpc_registry_new(&env);
    for (size_t index = 0; index < sizeof METHODS / sizeof *METHODS; index++) {
        struct xmlrpc_method_info3 info = {
            .methodName = METHODS[index].name,
            .methodFunction = METHODS[index].function,
            .signatureString = METHODS[index].signature,
        };
        xmlrpc_registry_add_method3(&env, registry, &info);
        check(&env);
    }
    xmlrpc_server_abyss_parms parms = {
        .config_file_name = NULL,
        .registryP = registry,
        .socket_bound = 1,
        .socket_handle = bind_port(),
    };
    fflush(stdout);
    xmlrpc_server_abyss(&env, &parms, XMLRPC_APSIZE(socket_handle));
    check(&env);
    return 0;
}
