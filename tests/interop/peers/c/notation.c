#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "notation.h"

void check(const xmlrpc_env *env) {
    if (!env->fault_occurred) return;
    fprintf(stderr, "%d: %s\n", env->fault_code, env->fault_string);
    exit(1);
}

char *next_line(FILE *file) {
    static char *line;
    static size_t size;
    ssize_t length = getline(&line, &size, file);
    if (length < 0) return NULL;
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* Decodes in place; gives the length. */
static size_t unescape(char *text) {
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (*in == '%') {
            char hex[3] = {in[1], in[2], '\0'};
            *out++ = (char)strtol(hex, NULL, 16);
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    return out - text;
}

static xmlrpc_value *read_array(xmlrpc_env *env, FILE *file, int count) {
    xmlrpc_value *array = xmlrpc_array_new(env);
    for (; count > 0; count--) {
        xmlrpc_value *item = read_value(env, file);
        xmlrpc_array_append_item(env, array, item);
        xmlrpc_DECREF(item);
    }
    return array;
}

static xmlrpc_value *read_struct(xmlrpc_env *env, FILE *file, int count) {
    xmlrpc_value *result = xmlrpc_struct_new(env);
    for (; count > 0; count--) {
        char *text = next_line(file) + strlen("name ");
        size_t length = unescape(text);
        xmlrpc_value *name = xmlrpc_string_new_lp(env, length, text);
        xmlrpc_value *member = read_value(env, file);
        xmlrpc_struct_set_value_v(env, result, name, member);
        xmlrpc_DECREF(name);
        xmlrpc_DECREF(member);
    }
    return result;
}

xmlrpc_value *read_value(xmlrpc_env *env, FILE *file) {
    char *line = next_line(file);
    char *text = strchrnul(line, ' ');
    if (*text != '\0') *text++ = '\0';
    if (strcmp(line, "array") == 0) return read_array(env, file, atoi(text));
    if (strcmp(line, "struct") == 0) return read_struct(env, file, atoi(text));
    if (strcmp(line, "int") == 0) return xmlrpc_int_new(env, atoi(text));
    if (strcmp(line, "i8") == 0) return xmlrpc_i8_new(env, atoll(text));
    if (strcmp(line, "double") == 0) return xmlrpc_double_new(env, atof(text));
    if (strcmp(line, "boolean") == 0) return xmlrpc_bool_new(env, *text == '1');
    if (strcmp(line, "dateTime") == 0) return xmlrpc_datetime_new_str(env, text);
    if (strcmp(line, "nil") == 0) return xmlrpc_nil_new(env);
    size_t length = unescape(text);
    if (strcmp(line, "string") == 0) return xmlrpc_string_new_lp_cr(env, length, text);
    return xmlrpc_base64_new(env, length, (unsigned char *)text);
}

void write_bytes(const char *kind, const char *bytes, size_t length) {
    printf("%s ", kind);
    for (size_t index = 0; index < length; index++) {
        unsigned char byte = bytes[index];
        printf(byte < 128 && isalnum(byte) ? "%c" : "%%%02X", byte);
    }
    putchar('\n');
}

static void write_string(xmlrpc_env *env, const char *kind, xmlrpc_value *value) {
    size_t length;
    const char *text;
    xmlrpc_read_string_lp(env, value, &length, &text);
    check(env);
    write_bytes(kind, text, length);
    free((void *)text);
}

static void write_base64(xmlrpc_env *env, xmlrpc_value *value) {
    size_t length;
    const unsigned char *bytes;
    xmlrpc_read_base64(env, value, &length, &bytes);
    write_bytes("base64", (const char *)bytes, length);
    free((void *)bytes);
}

static void write_array(xmlrpc_env *env, xmlrpc_value *value) {
    int size = xmlrpc_array_size(env, value);
    printf("array %d\n", size);
    for (int index = 0; index < size; index++) {
        xmlrpc_value *item;
        xmlrpc_array_read_item(env, value, index, &item);
        write_value(env, item);
        xmlrpc_DECREF(item);
    }
}

static void write_struct(xmlrpc_env *env, xmlrpc_value *value) {
    int size = xmlrpc_struct_size(env, value);
    printf("struct %d\n", size);
    for (int index = 0; index < size; index++) {
        xmlrpc_value *name, *member;
        xmlrpc_struct_read_member(env, value, index, &name, &member);
        write_string(env, "name", name);
        write_value(env, member);
        xmlrpc_DECREF(name);
        xmlrpc_DECREF(member);
    }
}

static void write_number(xmlrpc_env *env, xmlrpc_value *value) {
    xmlrpc_int int4;
    xmlrpc_int64 int8;
    double number;
    xmlrpc_bool flag;
    switch (xmlrpc_value_type(value)) {
    case XMLRPC_TYPE_INT:
        xmlrpc_read_int(env, value, &int4);
        printf("int %d\n", int4);
        break;
    case XMLRPC_TYPE_I8:
        xmlrpc_read_i8(env, value, &int8);
        printf("i8 %lld\n", (long long)int8);
        break;
    case XMLRPC_TYPE_DOUBLE:
        xmlrpc_read_double(env, value, &number);
        printf("double %.17g\n", number);
        break;
    default:
        xmlrpc_read_bool(env, value, &flag);
        printf("boolean %d\n", flag);
    }
}

void write_value(xmlrpc_env *env, xmlrpc_value *value) {
    const char *date;
    switch (xmlrpc_value_type(value)) {
    case XMLRPC_TYPE_ARRAY: return write_array(env, value);
    case XMLRPC_TYPE_STRUCT: return write_struct(env, value);
    case XMLRPC_TYPE_STRING: return write_string(env, "string", value);
    case XMLRPC_TYPE_BASE64: return write_base64(env, value);
    case XMLRPC_TYPE_NIL: puts("nil"); return;
    case XMLRPC_TYPE_DATETIME:
        xmlrpc_read_datetime_str(env, value, &date);
        printf("dateTime %s\n", date);
        free((void *)date);
        return;
    default: return write_number(env, value);
    }
}
