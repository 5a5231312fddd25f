/* Serves add(x, y) with xmlrpc-c's Abyss; prints its port.
 *
 *     cc -O2 server.c -o server $(xmlrpc-c-config abyss-server --libs)
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static xmlrpc_value *add(xmlrpc_env *env, xmlrpc_value *params, void *info,
                         void *call) {
  xmlrpc_int32 x, y;
  (void)info, (void)call;
  xmlrpc_decompose_value(env, params, "(ii)", &x, &y);
  if (env->fault_occurred) return NULL;
  return xmlrpc_build_value(env, "i", x + y);
}

int main(void) {
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listening, (struct sockaddr *)&address, length) < 0) return 1;
  if (listen(listening, 128) < 0) return 1;
  getsockname(listening, (struct sockaddr *)&address, &length);

  xmlrpc_env env;
  xmlrpc_env_init(&env);
  struct xmlrpc_method_info3 method = {.methodName = "add",
                                       .methodFunction = add};
  xmlrpc_registry *registry = xmlrpc_registry_new(&env);
  xmlrpc_registry_add_method3(&env, registry, &method);
  xmlrpc_server_abyss_parms parameters = {.config_file_name = NULL,
                                          .registryP = registry,
                                          .socket_bound = 1,
                                          .socket_handle = listening,
                                          .keepalive_timeout = 60,
                                          .keepalive_max_conn = 1000000};
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  xmlrpc_server_abyss(&env, &parameters, XMLRPC_APSIZE(socket_handle));
  fprintf(stderr, "%s\n", env.fault_string ? env.fault_string : "ended");
  return 1;
}
