from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.services import (
    AuthService,
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
)

from .serializers import (
    LoginSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
    UserSerializer,
)


class AuthView(APIView):
    """What the endpoints have in common: open to everybody, and never cached.

    The body alone says who is asking. A header with an access token that has expired
    must not stand in the way of getting a new one.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    serializer_class = None
    service = AuthService()

    @property
    def default_response_headers(self):
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def get_authenticate_header(self, request):
        """Without this, DRF would answer 403 where 401 is meant."""
        return 'Bearer realm="api"'

    def validated_data(self):
        serializer = self.serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class RegisterView(AuthView):
    serializer_class = RegisterSerializer

    def post(self, request):
        try:
            user = self.service.register(**self.validated_data())
        except EmailTaken as error:
            message = "There is an account with this e-mail address."
            raise ValidationError({"email": [message]}) from error
        except DjangoValidationError as error:
            raise ValidationError({"password": error.messages}) from error
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class LoginView(AuthView):
    serializer_class = LoginSerializer
    throttle_scope = "login"

    def post(self, request):
        try:
            tokens = self.service.login(**self.validated_data())
        except InvalidCredentials as error:
            message = "No account has this e-mail address and password."
            raise AuthenticationFailed(message) from error
        return Response(TokenPairSerializer(tokens).data)


class RefreshView(AuthView):
    serializer_class = RefreshSerializer

    def post(self, request):
        try:
            tokens = self.service.refresh_token(self.validated_data()["refresh"])
        except InvalidToken as error:
            message = "This refresh token is not valid. Log in again."
            raise AuthenticationFailed(message) from error
        return Response(TokenPairSerializer(tokens).data)


class LogoutView(AuthView):
    serializer_class = RefreshSerializer

    def post(self, request):
        self.service.logout(self.validated_data()["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(AuthView):
    serializer_class = PasswordResetSerializer
    throttle_scope = "password_reset"

    def post(self, request):
        self.service.request_password_reset(**self.validated_data())
        message = "If there is an account with this address, a message is on its way."
        return Response({"detail": message})


class PasswordResetConfirmView(AuthView):
    serializer_class = PasswordResetConfirmSerializer
    throttle_scope = "password_reset_confirm"

    def post(self, request):
        try:
            self.service.reset_password(**self.validated_data())
        except InvalidToken as error:
            message = "This link is not valid. Ask for a new one."
            raise ValidationError({"token": [message]}) from error
        except DjangoValidationError as error:
            raise ValidationError({"new_password": error.messages}) from error
        return Response({"detail": "The new password is set. Log in with it."})
