// Echo server on libwebsockets, with its default limits. Usage: server-libwebsockets PORT
//
// The library hands out parts of messages; what came is kept until the message is whole and then sent back.
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
    struct message* next;
    size_t length;
    int binary;
    unsigned char octets[]; // LWS_PRE octets of room, then the payload
};

struct session {
    struct message *first, *last;
    unsigned char* open; // the message that is coming
    size_t length, room;
};

static struct lws_context* context;

static void stop(int number) {
    (void)number;
    lws_cancel_service(context);
    exit(0);
}

static int take(struct session* session, struct lws* wsi, const void* in, size_t length) {
    if (session->length + length > session->room) {
        session->room = 2 * (session->length + length) + 1024;
        session->open = realloc(session->open, session->room);
        if (!session->open) return -1;
    }
    memcpy(session->open + session->length, in, length);
    session->length += length;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi)) return 0;
    struct message* whole = malloc(sizeof *whole + LWS_PRE + session->length);
    if (!whole) return -1;
    whole->next = NULL;
    whole->length = session->length;
    whole->binary = lws_frame_is_binary(wsi);
    memcpy(whole->octets + LWS_PRE, session->open, session->length);
    session->length = 0;
    if (session->last) session->last->next = whole;
    else session->first = whole;
    session->last = whole;
    lws_callback_on_writable(wsi);
    return 0;
}

static int give(struct session* session, struct lws* wsi) {
    struct message* whole = session->first;
    if (!whole) return 0;
    enum lws_write_protocol kind = whole->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    int written = lws_write(wsi, whole->octets + LWS_PRE, whole->length, kind);
    session->first = whole->next;
    if (!session->first) session->last = NULL;
    free(whole);
    if (session->first) lws_callback_on_writable(wsi);
    return written < 0 ? -1 : 0;
}

static int echo(struct lws* wsi, enum lws_callback_reasons reason, void* user, void* in, size_t length) {
    struct session* session = user;
    switch (reason) {
    case LWS_CALLBACK_RECEIVE: return take(session, wsi, in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE: return give(session, wsi);
    case LWS_CALLBACK_CLOSED:
        while (session->first) {
            struct message* next = session->first->next;
            free(session->first);
            session->first = next;
        }
        free(session->open);
        return 0;
    default: return 0;
    }
}

int main(int count, char** arguments) {
    static const struct lws_protocols protocols[] = {
        {.name = "echo", .callback = echo, .per_session_data_size = sizeof(struct session), .rx_buffer_size = 65536},
        {0},
    };
    struct lws_context_creation_info info = {0};
    int port = atoi(arguments[count - 1]);
    info.port = port;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    lws_set_log_level(0, NULL);
    context = lws_create_context(&info);
    if (!context) return 1;
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    printf("listening %d\n", port ? port : lws_get_vhost_port(lws_get_vhost_by_name(context, "default")));
    fflush(stdout);
    while (lws_service(context, 0) >= 0) {}
}
