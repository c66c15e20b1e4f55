"""What the six endpoints take and give. The rules behind them are the service's."""

from rest_framework import serializers


class PasswordField(serializers.CharField):
    """A password as it was typed, and short enough not to keep the hasher busy."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=128, trim_whitespace=False, write_only=True, **kwargs
        )


class TokenField(serializers.CharField):
    """A refresh or reset token."""

    def __init__(self, **kwargs):
        super().__init__(max_length=128, **kwargs)


class UserSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()


class TokenPairSerializer(serializers.Serializer):
    access = serializers.CharField()
    refresh = serializers.CharField()


class RegisterSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = PasswordField()
    first_name = serializers.CharField(max_length=150, required=False)
    last_name = serializers.CharField(max_length=150, required=False)


class LoginSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    password = PasswordField()


class RefreshSerializer(serializers.Serializer):
    refresh = TokenField()


class PasswordResetSerializer(serializers.Serializer):
    email = serializers.EmailField(max_length=254)


class PasswordResetConfirmSerializer(serializers.Serializer):
    token = TokenField()
    new_password = PasswordField()
